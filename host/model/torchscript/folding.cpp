#include "host/model/torchscript/folding.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

namespace softbeam::model::torchscript {

namespace {

bool is_none(const Abstract& value) {
  const auto* constant = std::get_if<c10::IValue>(&value);
  return constant != nullptr && constant->isNone();
}

// Shape and type of a stored tensor never change, whatever faults do to its content. (Its device
// does.)
bool asks_for_layout(const torch::jit::Node& node) {
  static const std::unordered_set<std::string> names = {
      "aten::dim",    "aten::size",   "aten::numel",         "prim::dtype",
      "aten::stride", "prim::layout", "aten::is_contiguous", "aten::is_floating_point"};
  return names.contains(node.kind().toQualString());
}

}  // namespace

std::optional<std::vector<c10::IValue>> run_on_constants(const torch::jit::Node& node,
                                                         const std::vector<Abstract>& inputs,
                                                         const State& state) {
  const torch::jit::Operator* op = node.maybeOperator();
  if (op == nullptr || std::any_of(node.outputs().begin(), node.outputs().end(),
                                   [](const auto* out) { return holds_tensors(out->type()); })) {
    return std::nullopt;
  }
  const auto& arguments = op->schema().arguments();
  if (node.outputs().empty() ||
      std::any_of(arguments.begin(), arguments.end(), [](const c10::Argument& argument) {
        return argument.alias_info() != nullptr && argument.alias_info()->isWrite();
      })) {
    return std::nullopt;
  }
  torch::jit::Stack stack;
  for (const Abstract& input : inputs) {
    const ValueId* id = runtime(input);
    const at::Tensor* tensor = id != nullptr && asks_for_layout(node) ? state.tensor(*id) : nullptr;
    auto constant = tensor != nullptr ? std::optional<c10::IValue>(*tensor) : known(input);
    if (!constant) {
      return std::nullopt;
    }
    stack.push_back(std::move(*constant));
  }
  if (op->schema().is_vararg()) {
    stack.emplace_back(static_cast<std::int64_t>(inputs.size()));
  }
  const at::NoGradGuard no_gradients;
  op->getOperation (&node)(stack);
  return stack;
}

std::optional<c10::IValue> general_knowledge(const torch::jit::Node& node,
                                             const std::vector<Abstract>& inputs) {
  if (node.kind() == c10::aten::__is__ || node.kind() == c10::aten::__isnot__) {
    const bool left = is_none(inputs[0]);
    const bool right = is_none(inputs[1]);
    const ValueId* id = runtime(inputs[0]);
    const ValueId* other = runtime(inputs[1]);
    if (id != nullptr && other != nullptr && *id == *other) {
      return c10::IValue(node.kind() == c10::aten::__is__);
    }
    if (left || right) {
      return c10::IValue((left && right) == (node.kind() == c10::aten::__is__));
    }
  }
  static const std::unordered_set<std::string> never = {"prim::is_nested", "prim::is_sparse",
                                                        "prim::is_sparse_csr", "prim::is_mkldnn",
                                                        "prim::requires_grad"};
  if (never.contains(node.kind().toQualString()) && runtime(inputs[0]) != nullptr) {
    return c10::IValue(false);
  }
  // Gives its first argument; the operator that uses it checks the number of dimensions itself.
  if (std::string(node.kind().toQualString()) == "aten::list_with_default") {
    return known(inputs[0]);
  }
  return std::nullopt;
}

}  // namespace softbeam::model::torchscript
