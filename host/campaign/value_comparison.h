// Compares every value of a faulty run with a clean one: which differ, by how much, and where the
// last difference died. Private to host/campaign; used by replay.
#pragma once

#include <ATen/core/Tensor.h>

#include <unordered_map>
#include <vector>

#include "host/campaign/replay.h"
#include "host/campaign/subject.h"
#include "host/execute/last_reader.h"

namespace softbeam::campaign {

// Hooks of two runs, first a clean one, then the faulty one; both of one trial in row 0.
class ValueComparison : public execute::Hooks {
 public:
  explicit ValueComparison(const Subject& subject);

  void compare_from_now_on() { comparing_ = true; }

  void observe(model::ValueId id, const at::Tensor& tensor) override;
  void observe_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) override;

  // The sites among the values that differ, in execution order.
  const std::vector<ReplayedValue>& values() const { return values_; }

  // The latest node among the last readers of all values that differ. A struck parameter is one of
  // them; what a node reads through a struck slot of its own differs at that node. no_node where
  // nothing differed.
  model::NodeId last_difference(const run::Chunk& chunk, const run::ChunkResult& result) const;

 private:
  at::Tensor row_of(model::ValueId id, const at::Tensor& tensor) const;
  void describe(std::size_t site, const at::Tensor& golden, const at::Tensor& faulty);

  const Subject& subject_;
  bool comparing_ = false;
  execute::LastReaders readers_;
  std::unordered_map<std::uint32_t, std::size_t> site_of_;  // by ValueId
  std::unordered_map<std::uint32_t, at::Tensor> golden_;    // by ValueId
  std::vector<model::ValueId> different_;
  std::vector<ReplayedValue> values_;
};

}  // namespace softbeam::campaign
