#include "host/run/wave/node_call.h"

#include <limits>

#include "host/execute/storage.h"
#include "host/run/wave/no_wave.h"

namespace softbeam::run {

NodeCall::NodeCall(const model::Graph& graph, const Capture& capture,
                   const execute::Executor& executor, model::NodeId node)
    : node_(&graph.node(node)), arguments_(capture.nodes[node.value].arguments) {
  const SeenNode& seen = capture.nodes[node.value];
  std::uint32_t copied = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t s = 0; s < node_->slots.size(); ++s) {
    const model::Slot& slot = node_->slots[s];
    if (capture.depends[seen.reads[s].value]) {
      if (capture.values[seen.reads[s].value].seen || arguments_[slot.argument].isNone()) {
        slots_.push_back(slot);
        inputs_.push_back(seen.reads[s]);
      } else {
        any_batch_ = false;  // a number that was made from the samples' sizes
      }
      continue;
    }
    if (slot.value != seen.reads[s] || !executor.is_stored(slot.value)) {
      continue;  // captured as it was
    }
    const c10::IValue& own = executor.stored(slot.value);
    if (slot.item < 0) {
      arguments_[slot.argument] = own;
      continue;
    }
    if (slot.argument != copied) {
      arguments_[slot.argument] = arguments_[slot.argument].toList().copy();
      copied = slot.argument;
    }
    arguments_[slot.argument].toList().set(static_cast<std::size_t>(slot.item), own);
  }
}

std::vector<c10::IValue> NodeCall::operator()(std::span<const c10::IValue> inputs) const {
  if (inputs.size() != slots_.size()) {
    throw NoWave(model::describe(*node_) + " reads what the wave does not follow");
  }
  torch::jit::Stack stack = arguments_;
  for (const std::uint32_t written : node_->writes) {
    // Shared by all calls, and by all workers.
    if (stack[written].isTensor() && stack[written].toTensor().defined()) {
      stack[written] = execute::with_own_storage(stack[written].toTensor());
    }
  }
  std::uint32_t copied = std::numeric_limits<std::uint32_t>::max();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const model::Slot& slot = slots_[i];
    if (slot.item < 0) {
      stack[slot.argument] = inputs[i];
      continue;
    }
    if (slot.argument != copied) {
      stack[slot.argument] = stack[slot.argument].toList().copy();
      copied = slot.argument;
    }
    stack[slot.argument].toList().set(static_cast<std::size_t>(slot.item), inputs[i]);
  }
  node_->kernel(stack);
  return stack;
}

}  // namespace softbeam::run
