// How much memory a wave takes: golden's kept values by sample, and the rows that one fault can
// have alive at a time. What run.memory is shared out by.
#pragma once

#include <cstdint>
#include <vector>

#include "host/plan/fault_plan.h"
#include "host/run/wave/program.h"

namespace softbeam::run {

struct RowBounds {
  // The most bytes that rows of one trial can take at any step, if its fault strikes one word here:
  std::vector<std::uint64_t> value;      // by ValueId; a node's output or the model's input
  std::vector<std::uint64_t> parameter;  // by ValueId
  std::vector<std::uint64_t> input;      // by NodeId: what the node alone reads

  // Of one fault.
  std::uint64_t bytes(const execute::Profile& profile,
                      std::span<const injectors::Corruption> corruptions) const;
};

// Windows are followed through the graph as if no difference ever died.
RowBounds bound_rows(const Program& program);

// Golden's kept values of one sample.
std::uint64_t golden_bytes(const Program& program);
// What one worker needs besides rows: chunks of the campaign's shape, going in and coming out, or a
// clean run of one.
std::uint64_t chunk_bytes(const Program& program);

// How run.memory is shared out.
struct WaveBudget {
  std::uint64_t samples = 0;          // in one block
  std::uint64_t rows_per_worker = 0;  // bytes
};

// Throws UsageError, saying how much is needed, if one sample and one trial do not fit.
// `largest_trial`: the most row bytes of a trial that the campaign can draw.
WaveBudget share_memory(const Program& program, std::uint64_t memory, std::uint64_t samples,
                        std::uint64_t workers, std::uint64_t largest_trial);

}  // namespace softbeam::run
