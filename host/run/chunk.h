// The unit of work of plain mode: trials that share one pass through the model.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "host/plan/fault_plan.h"
#include "injectors/corruption.h"

namespace softbeam::run {

// Trials, and the corruptions of each in one list: trial i owns
// corruptions[first[i] .. first[i + 1]).
struct Chunk {
  std::vector<plan::Trial> trials;
  std::vector<injectors::Corruption> corruptions;
  std::vector<std::size_t> first;

  std::size_t size() const { return trials.size(); }
  void clear();
  // Trials first .. last of the plan with their corruptions.
  void fill(const plan::FaultPlan& plan, std::uint64_t begin, std::uint64_t end);
  void add(const plan::Trial& trial, const plan::FaultPlan& plan);
};

struct ChunkResult {
  // One tensor per output: float32 on the CPU, [batch, elements]; row i belongs to trial i.
  std::vector<at::Tensor> outputs;
  // The word before and after each corruption, in the chunk's order.
  std::vector<injectors::Effect> effects;
};

}  // namespace softbeam::run
