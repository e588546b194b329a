// Observes a run and keeps, instead of the values, a hash of each sample's part of every value.
// Private to host/execute: the evidence for make_profile().
#pragma once

#include <c10/core/Storage.h>

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "host/execute/hooks.h"
#include "host/execute/layout.h"

namespace softbeam::execute {

// What one run showed of one tensor value.
struct ValueTrace {
  bool seen = false;
  std::vector<std::int64_t> sizes;
  at::ScalarType type = at::ScalarType::Undefined;
  std::uint64_t whole = 0;                       // hash of all words
  std::vector<BatchLayout> candidates;           // tried in this run
  std::vector<std::vector<std::uint64_t>> rows;  // [candidate][sample]
  c10::weak_intrusive_ptr<c10::StorageImpl> memory{
      c10::intrusive_ptr<c10::StorageImpl>()};  // identity only
  bool overlaps_itself = false;
};

// A write by an in-place operator, to memory as it was before the executor cloned it.
struct WriteTrace {
  model::NodeId node;
  const c10::StorageImpl* memory = nullptr;
};

class RowHashes : public Hooks {
 public:
  // At first only the most usual layout of each value is hashed; `all_layouts` hashes every one.
  RowHashes(const model::Graph& graph, std::int64_t batch, bool all_layouts);

  void observe(model::ValueId id, const at::Tensor& tensor) override;
  void observe_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) override;
  void observe_arguments(model::NodeId node, const torch::jit::Stack& stack) override;

  const ValueTrace& value(model::ValueId id) const { return values_[id.value]; }
  const std::vector<WriteTrace>& writes() const { return writes_; }
  // Shape of what a node read through a slot; empty if it was not a tensor.
  const std::vector<std::int64_t>& input_sizes(model::NodeId node, std::size_t slot) const;
  at::ScalarType input_type(model::NodeId node, std::size_t slot) const;

 private:
  const model::Graph& graph_;
  std::int64_t batch_;
  bool all_layouts_;
  std::vector<ValueTrace> values_;
  std::vector<WriteTrace> writes_;
  struct InputTrace {
    std::vector<std::int64_t> sizes;
    at::ScalarType type = at::ScalarType::Undefined;
  };
  std::vector<std::vector<InputTrace>> inputs_;  // [node][slot]
};

}  // namespace softbeam::execute
