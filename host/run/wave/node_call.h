// Calls one operator of the graph on tensors of our own making, with everything else as it was in
// the captured run.
#pragma once

#include <span>
#include <vector>

#include "host/execute/executor.h"
#include "host/run/wave/capture.h"

namespace softbeam::run {

class NodeCall {
 public:
  // Parameters are the executor's own, so that a struck one is seen. All references must outlive
  // the call.
  NodeCall(const model::Graph& graph, const Capture& capture, const execute::Executor& executor,
           model::NodeId node);

  // The slots that depend on the samples, in slot order, as values: what operator() takes.
  const std::vector<model::ValueId>& inputs() const { return inputs_; }
  // False if an argument is a number that was computed from the batch: then only the captured batch
  // fits.
  bool any_batch() const { return any_batch_; }

  // Results in the order of the node's outputs. An in-place operator writes to the inputs given, or
  // to a copy of what does not depend on the samples.
  std::vector<c10::IValue> operator()(std::span<const c10::IValue> inputs) const;

 private:
  const model::Node* node_;
  torch::jit::Stack arguments_;
  std::vector<model::Slot> slots_;  // those of inputs_
  std::vector<model::ValueId> inputs_;
  bool any_batch_ = true;
};

}  // namespace softbeam::run
