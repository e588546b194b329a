// Runs a graph node by node on one backend, with hooks at every value. One executor per thread: it
// owns its copy of the model's tensors, so that a struck weight is seen by no other.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <unordered_set>
#include <vector>

#include "host/backend/backend.h"
#include "host/base/error.h"
#include "host/execute/hooks.h"
#include "host/model/graph.h"

namespace softbeam::execute {

// An operator failed on these inputs: the model does not run at this batch, or not at all.
struct OperatorError : RunError {
  using RunError::RunError;
};

class Executor {
 public:
  // Copies parameters, buffers and constants to the backend's device; names that shared memory
  // still do.
  Executor(std::shared_ptr<const model::Graph> graph, backend::Backend& backend);

  // Runs the graph on one input tensor (on the device, [batch, sample shape...]) and returns its
  // outputs in order. Values die at their last use. Throws OperatorError naming the node when an
  // operator fails.
  std::vector<at::Tensor> run(const at::Tensor& input, Hooks& hooks);

  // This executor's copy of a parameter, to be struck in place and restored.
  const at::Tensor& parameter(model::ValueId id) const;
  // The same for any parameter, buffer or constant, between runs.
  const c10::IValue& stored(model::ValueId id) const;
  bool is_stored(model::ValueId id) const { return stored_[id.value]; }

  const model::Graph& graph() const { return *graph_; }
  backend::Backend& backend() { return backend_; }

 private:
  struct ClearAfterRun;

  torch::jit::Stack prepare(const model::Node& node) const;
  void protect_before_write(const model::Node& node, torch::jit::Stack& stack, const Hooks& hooks);
  void offer_inputs(const model::Node& node, torch::jit::Stack& stack, Hooks& hooks);
  void receive(const model::Node& node, torch::jit::Stack& stack, Hooks& hooks);
  void offer(model::ValueId id, bool in_place, Hooks& hooks);
  bool shared_with_live_value(model::ValueId id) const;
  void repoint(const c10::Storage& from, const c10::Storage& to, torch::jit::Stack& stack);

  std::shared_ptr<const model::Graph> graph_;
  backend::Backend& backend_;
  std::vector<torch::jit::Stack> templates_;      // by NodeId: arguments, for this device
  std::vector<c10::IValue> values_;               // by ValueId; None when not live
  std::vector<std::vector<model::ValueId>> die_;  // by NodeId: values whose last reader it is
  std::vector<bool> stored_;                      // by ValueId
  std::vector<std::pair<model::ValueId, c10::IValue>> pristine_;  // stored values as loaded
  bool stored_moved_ = false;  // some stored value was re-pointed by a write of this run
  std::unordered_set<const c10::StorageImpl*> stored_memory_;
  c10::Storage input_;  // of the run in progress
};

}  // namespace softbeam::execute
