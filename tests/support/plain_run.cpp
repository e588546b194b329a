#include "tests/support/plain_run.h"

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace softbeam::support {
namespace {

using Values = std::vector<c10::IValue>;

void move_to(at::Tensor& tensor, const c10::Storage& from, const c10::Storage& to) {
  if (tensor.defined() && tensor.has_storage() && tensor.storage().is_alias_of(from)) {
    tensor = at::empty({0}, tensor.options())
                 .set_(to, tensor.storage_offset(), tensor.sizes(), tensor.strides());
  }
}

// Tensors of lists too: a list is copied when one of its items moves.
void move_to(c10::IValue& value, const c10::Storage& from, const c10::Storage& to) {
  if (value.isTensor()) {
    at::Tensor tensor = value.toTensor();
    move_to(tensor, from, to);
    value = std::move(tensor);
  } else if (value.isTensorList()) {
    c10::List<at::Tensor> moved;
    for (at::Tensor tensor : value.toTensorVector()) {
      move_to(tensor, from, to);
      moved.push_back(std::move(tensor));
    }
    value = std::move(moved);
  }
}

c10::Storage copy_of(const c10::Storage& storage) {
  at::Tensor bytes = at::empty({static_cast<std::int64_t>(storage.nbytes())}, at::kByte);
  std::memcpy(bytes.data_ptr(), storage.data(), storage.nbytes());
  return bytes.storage();
}

// Moves all that shares the memory of `written` to a copy, which the node may then change.
void separate(const at::Tensor& written, Values& values) {
  if (!written.defined() || !written.has_storage()) {
    return;
  }
  const c10::Storage& from = written.storage();
  const c10::Storage to = copy_of(from);
  for (c10::IValue& value : values) {
    move_to(value, from, to);
  }
}

void separate(const c10::IValue& written, Values& values) {
  if (written.isTensor()) {
    separate(written.toTensor(), values);
  } else if (written.isTensorList()) {
    for (const at::Tensor& tensor : written.toTensorVector()) {
      separate(tensor, values);
    }
  }
}

Values arguments_of(const model::Node& node, const Values& values) {
  Values arguments = node.arguments;
  for (c10::IValue& argument : arguments) {
    if (argument.isList()) {
      argument = argument.toList().copy();
    }
  }
  for (const model::Slot& slot : node.slots) {
    const c10::IValue& value = values[slot.value.value];
    if (slot.item < 0) {
      arguments[slot.argument] = value;
    } else {
      arguments[slot.argument].toList().set(static_cast<std::size_t>(slot.item), value);
    }
  }
  return arguments;
}

// `final_values`: what every name stands for in the end.
Values run(const model::Graph& graph, const std::vector<at::Tensor>& inputs, Values* final_values) {
  const at::NoGradGuard no_gradients;
  if (inputs.size() != graph.inputs.size()) {
    throw std::invalid_argument("another number of inputs");
  }
  Values live(graph.values.size());  // what a name stands for now
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    live[graph.inputs[i].value.value] = inputs[i];
  }
  for (const model::Stored& stored : graph.stored) {
    live[stored.value.value] = stored.content;
  }
  Values made = live;
  for (const model::Node& node : graph.nodes) {
    for (const std::uint32_t index : node.writes) {
      separate(arguments_of(node, live)[index], live);
    }
    torch::jit::Stack stack = arguments_of(node, live);
    node.kernel(stack);
    if (stack.size() != node.outputs.size()) {
      throw std::runtime_error("another number of results: " + model::describe(node));
    }
    for (std::size_t i = 0; i < stack.size(); ++i) {
      live[node.outputs[i].value] = stack[i];
      made[node.outputs[i].value] = std::move(stack[i]);
    }
  }
  if (final_values != nullptr) {
    *final_values = std::move(live);
  }
  return made;
}

}  // namespace

std::vector<c10::IValue> plain_values(const model::Graph& graph,
                                      const std::vector<at::Tensor>& inputs) {
  return run(graph, inputs, nullptr);
}

std::vector<at::Tensor> plain_run(const model::Graph& graph,
                                  const std::vector<at::Tensor>& inputs) {
  Values values;
  run(graph, inputs, &values);
  std::vector<at::Tensor> outputs;
  outputs.reserve(graph.outputs.size());
  for (const model::ValueId output : graph.outputs) {
    outputs.push_back(values[output.value].toTensor());
  }
  return outputs;
}

}  // namespace softbeam::support
