// The two seams of the executor, at every value: corrupt (strike it before anyone reads it) and
// observe (look at it). Implemented by run and replay.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/stack.h>

#include "host/model/graph.h"

namespace softbeam::execute {

class Hooks {
 public:
  virtual ~Hooks() = default;

  // True if corrupt() is to be called for this value: a model input or a node's tensor result.
  virtual bool strikes(model::ValueId) const { return false; }
  // Changes words of the value in place. The tensor shares memory with no other live value, unless
  // an in-place operator made it: then all its names mean this memory.
  virtual void corrupt(model::ValueId, const at::Tensor&) {}

  // The same for what one node reads through one slot. The tensor is that node's own copy.
  virtual bool strikes_input(model::NodeId, std::size_t /*slot*/) const { return false; }
  virtual void corrupt_input(model::NodeId, std::size_t /*slot*/, const at::Tensor&) {}

  // Sees what a node reads through a slot, after corrupt_input().
  virtual void observe_input(model::NodeId, std::size_t /*slot*/, const at::Tensor&) {}

  // Sees all arguments of a node, before they are struck or cloned for an operator that writes.
  virtual void observe_arguments(model::NodeId, const torch::jit::Stack&) {}

  // Sees every model input and every tensor result, after corrupt(). The memory may be overwritten
  // or freed later in the run, unless keeps().
  virtual void observe(model::ValueId, const at::Tensor&) {}
  // True: this memory stays intact; it is cloned before an operator writes to it.
  virtual bool keeps(const c10::StorageImpl*) const { return false; }
};

}  // namespace softbeam::execute
