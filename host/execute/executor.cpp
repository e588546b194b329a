#include "host/execute/executor.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "host/execute/hidden_state.h"
#include "host/execute/storage.h"

namespace softbeam::execute {
namespace {

bool same_memory(const at::Tensor& a, const at::Tensor& b) {
  return a.has_storage() && b.has_storage() && a.storage().is_alias_of(b.storage());
}

// Calls `visit` with every tensor of a value: itself, or the items of a list or tuple.
template <class Visit>
void for_each_tensor(c10::IValue& value, Visit visit) {
  if (value.isTensor()) {
    at::Tensor tensor = value.toTensor();
    if (tensor.defined() && visit(tensor)) {
      value = tensor;
    }
  } else if (value.isTensorList()) {
    c10::List<at::Tensor> list = value.toTensorList();
    for (std::size_t i = 0; i < list.size(); ++i) {
      at::Tensor tensor = list.get(i);
      if (visit(tensor)) {
        list.set(i, tensor);
      }
    }
  } else if (value.isList()) {
    c10::List<c10::IValue> list = value.toList();
    for (std::size_t i = 0; i < list.size(); ++i) {
      c10::IValue item = list.get(i);
      for_each_tensor(item, visit);
      list.set(i, item);
    }
  }
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Executor::Executor(std::shared_ptr<const model::Graph> graph, backend::Backend& backend)
    : graph_(std::move(graph)), backend_(backend) {
  const c10::InferenceMode inference;
  values_.resize(graph_->values.size());
  stored_.resize(graph_->values.size(), false);
  std::unordered_map<const c10::StorageImpl*, c10::Storage> copies;
  for (const model::Stored& item : graph_->stored) {
    stored_[item.value.value] = true;
    if (!item.content.isTensor()) {
      values_[item.value.value] = item.content;
      continue;
    }
    const at::Tensor& tensor = item.content.toTensor();
    const auto* key = tensor.storage().unsafeGetStorageImpl();
    auto found = copies.find(key);
    if (found == copies.end()) {
      found = copies.emplace(key, clone_storage(tensor, backend_.device())).first;
    }
    values_[item.value.value] = on_storage(tensor, found->second);
    stored_memory_.insert(found->second.unsafeGetStorageImpl());
  }

  for (const model::Stored& item : graph_->stored) {
    pristine_.emplace_back(item.value, values_[item.value.value]);
  }
  for (const model::Node& node : graph_->nodes) {
    templates_.push_back(node.arguments);
    for (c10::IValue& argument : templates_.back()) {
      if (argument.isDevice()) {  // files name the device that they were exported on
        argument = backend_.device();
      }
    }
  }

  std::vector<model::NodeId> last(graph_->values.size(), model::no_node);
  for (const model::Node& node : graph_->nodes) {
    for (const model::ValueId output : node.outputs) {
      last[output.value] = node.id;  // an unused result dies where it is born
    }
    for (const model::Slot& slot : node.slots) {
      last[slot.value.value] = node.id;
    }
  }
  for (const model::ValueId output : graph_->outputs) {
    last[output.value] = model::no_node;
  }
  die_.resize(graph_->nodes.size());
  for (const model::Value& value : graph_->values) {
    if (!stored_[value.id.value] && last[value.id.value] != model::no_node) {
      die_[last[value.id.value].value].push_back(value.id);
    }
  }
}

// Nothing of one run is carried into the next, also after an exception.
struct Executor::ClearAfterRun {
  Executor& executor;
  ~ClearAfterRun() {
    executor.input_ = c10::Storage();
    if (executor.stored_moved_) {
      for (const auto& [id, value] : executor.pristine_) {
        executor.values_[id.value] = value;
      }
      executor.stored_moved_ = false;
    }
    for (std::size_t v = 0; v < executor.values_.size(); ++v) {
      if (!executor.stored_[v]) {
        executor.values_[v] = c10::IValue();
      }
    }
  }
};

std::vector<at::Tensor> Executor::run(const at::Tensor& input, Hooks& hooks) {
  const c10::InferenceMode inference;
  if (graph_->inputs.size() != 1) {
    throw RunError(
        fmt::format("the model has {} inputs (one tensor of samples is supported); "
                    "export a module that takes one",
                    graph_->inputs.size()));
  }
  const ClearAfterRun clear{*this};
  const model::ValueId first = graph_->inputs.front().value;
  input_ = input.storage();
  values_[first.value] = input;
  offer(first, /*in_place=*/false, hooks);
  for (const model::Node& node : graph_->nodes) {
    try {
      torch::jit::Stack stack = prepare(node);
      hooks.observe_arguments(node.id, stack);
      protect_before_write(node, stack, hooks);
      offer_inputs(node, stack, hooks);
      check_hidden_state(node, stack);
      node.kernel(stack);
      receive(node, stack, hooks);
    } catch (const c10::Error& error) {
      throw OperatorError(fmt::format(
          "{} failed ({}){}", model::describe(node), first_line(error.what_without_backtrace()),
          graph_->format == "TorchScript"
              ? fmt::format(
                    "; this run has batches of {}, and a trace may be fixed to its own: set "
                    "run.batch, or export the model again",
                    input.dim() > 0 ? input.size(0) : 0)
              : ""));
    }
    for (const model::ValueId dead : die_[node.id.value]) {
      values_[dead.value] = c10::IValue();
    }
  }
  std::vector<at::Tensor> outputs;
  for (const model::ValueId output : graph_->outputs) {
    outputs.push_back(values_[output.value].toTensor());
  }
  return outputs;
}

const at::Tensor& Executor::parameter(model::ValueId id) const {
  return values_[id.value].toTensor();
}

const c10::IValue& Executor::stored(model::ValueId id) const { return values_[id.value]; }

torch::jit::Stack Executor::prepare(const model::Node& node) const {
  torch::jit::Stack stack = templates_[node.id.value];
  std::uint32_t copied = std::numeric_limits<std::uint32_t>::max();
  for (const model::Slot& slot : node.slots) {
    const c10::IValue& value = values_[slot.value.value];
    if (slot.item < 0) {
      stack[slot.argument] = value;
      continue;
    }
    if (slot.argument != copied) {  // slots are in argument order: one copy per list
      stack[slot.argument] = stack[slot.argument].toList().copy();
      copied = slot.argument;
    }
    stack[slot.argument].toList().set(static_cast<std::size_t>(slot.item), value);
  }
  return stack;
}

void Executor::protect_before_write(const model::Node& node, torch::jit::Stack& stack,
                                    const Hooks& hooks) {
  for (const std::uint32_t argument : node.writes) {
    for_each_tensor(stack[argument], [&](at::Tensor& tensor) {
      const c10::StorageImpl* memory = tensor.storage().unsafeGetStorageImpl();
      if (!hooks.keeps(memory) && !stored_memory_.contains(memory) &&
          memory != input_.unsafeGetStorageImpl()) {
        return false;  // nobody outside this run can see the write
      }
      const c10::Storage from = tensor.storage();
      const c10::Storage to = clone_storage(tensor, tensor.device());
      tensor = on_storage(tensor, to);
      repoint(from, to, stack);
      return true;
    });
  }
}

void Executor::offer_inputs(const model::Node& node, torch::jit::Stack& stack, Hooks& hooks) {
  for (std::size_t s = 0; s < node.slots.size(); ++s) {
    const model::Slot& slot = node.slots[s];
    c10::IValue& argument = stack[slot.argument];
    const auto item = static_cast<std::size_t>(slot.item);
    c10::IValue value = slot.item < 0 ? argument : c10::IValue(argument.toList().get(item));
    if (!value.isTensor() || !value.toTensor().defined()) {
      continue;
    }
    if (hooks.strikes_input(node.id, s)) {
      // An operator that writes this argument replaces the value: it is struck where it lies.
      if (!std::count(node.writes.begin(), node.writes.end(), slot.argument)) {
        value = with_own_storage(value.toTensor());
        if (slot.item < 0) {
          argument = value;
        } else {
          argument.toList().set(item, value);
        }
      }
      hooks.corrupt_input(node.id, s, value.toTensor());
    }
    hooks.observe_input(node.id, s, value.toTensor());
  }
}

void Executor::repoint(const c10::Storage& from, const c10::Storage& to, torch::jit::Stack& stack) {
  const auto move = [&](at::Tensor& tensor) {
    if (!tensor.has_storage() || !tensor.storage().is_alias_of(from)) {
      return false;
    }
    tensor = on_storage(tensor, to);
    return true;
  };
  // Parameters and buffers too: a later reader must see the write, the next run must not.
  stored_moved_ = true;
  for (c10::IValue& value : values_) {
    for_each_tensor(value, move);
  }
  for (c10::IValue& argument : stack) {
    for_each_tensor(argument, move);
  }
}

void Executor::receive(const model::Node& node, torch::jit::Stack& stack, Hooks& hooks) {
  if (stack.size() != node.outputs.size()) {
    throw RunError(fmt::format("{} gave {} results ({} expected)", model::describe(node),
                               stack.size(), node.outputs.size()));
  }
  for (std::size_t i = 0; i < stack.size(); ++i) {
    values_[node.outputs[i].value] = std::move(stack[i]);
  }
  stack.clear();
  for (const model::ValueId output : node.outputs) {
    offer(output, !node.writes.empty(), hooks);
  }
}

void Executor::offer(model::ValueId id, bool in_place, Hooks& hooks) {
  c10::IValue& value = values_[id.value];
  if (!value.isTensor() || !value.toTensor().defined()) {
    return;
  }
  if (hooks.strikes(id)) {
    if (!in_place && shared_with_live_value(id)) {
      value = with_own_storage(value.toTensor());
    }
    hooks.corrupt(id, value.toTensor());
  }
  hooks.observe(id, value.toTensor());
}

bool Executor::shared_with_live_value(model::ValueId id) const {
  const at::Tensor& tensor = values_[id.value].toTensor();
  for (const model::Value& other : graph_->values) {
    if (other.id == id) {
      continue;
    }
    bool shared = false;
    c10::IValue value = values_[other.id.value];
    for_each_tensor(value, [&](at::Tensor& candidate) {
      shared = shared || same_memory(candidate, tensor);
      return false;
    });
    if (shared) {
      return true;
    }
  }
  return false;
}

}  // namespace softbeam::execute
