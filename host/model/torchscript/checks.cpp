#include "host/model/torchscript/checks.h"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "host/base/error.h"

namespace softbeam::model::torchscript {

namespace {

std::string text_of(const torch::jit::Value& message) {
  if (const auto constant = torch::jit::toIValue(&message); constant && constant->isString()) {
    return constant->toStringRef();
  }
  const torch::jit::Node& source = *message.node();
  const bool composed = source.kind() == c10::aten::format || source.kind() == c10::aten::add;
  return composed && !source.inputs().empty() ? text_of(*source.input(0))
                                              : "a check in the model's code failed";
}

Call check_call(c10::TypePtr type, const char* argument) {
  Call call;
  call.target = assert_target;
  call.op = op_name(assert_target);
  call.argument_names = {argument};
  call.argument_types = {std::move(type)};
  return call;
}

}  // namespace

bool always_raises(const torch::jit::Block& block) {
  return std::any_of(block.nodes().begin(), block.nodes().end(), [](const torch::jit::Node* node) {
    return node->kind() == c10::prim::RaiseException ||
           (node->kind() == c10::prim::If && always_raises(*node->blocks()[0]) &&
            always_raises(*node->blocks()[1]));
  });
}

std::string raised_message(const torch::jit::Node& raise) { return text_of(*raise.input(0)); }

std::string raised_message(const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) {
    if (node->kind() == c10::prim::RaiseException) {
      return raised_message(*node);
    }
    if (node->kind() == c10::prim::If && always_raises(*node->blocks()[0])) {
      return raised_message(*node->blocks()[0]);
    }
  }
  return "a check in the model's code failed";
}

void emit_check(Emitter& emitter, const torch::jit::Node& at, const Context& context,
                const Abstract& condition, bool expected, const std::string& message) {
  Call call = check_call(c10::BoolType::get(), "condition");
  call.kernel = [expected, text = "check failed at " + context.describe(at) + ": " +
                                  message](torch::jit::Stack& stack) {
    if (torch::jit::pop(stack).toBool() != expected) {
      throw RunError(text);
    }
  };
  emitter.emit(std::move(call), {condition}, at, context);
}

void emit_rank_check(Emitter& emitter, const torch::jit::Node& at, const Context& context,
                     ValueId tensor, std::int64_t rank) {
  Call call = check_call(c10::TensorType::get(), "tensor");
  call.kernel = [rank, where = context.describe(at)](torch::jit::Stack& stack) {
    const std::int64_t found = torch::jit::pop(stack).toTensor().dim();
    if (found != rank) {
      throw RunError("input has " + std::to_string(found) +
                     " dimensions, the batch included, and " + where + " needs " +
                     std::to_string(rank) + "; reshape the data");
    }
  };
  emitter.emit(std::move(call), {tensor}, at, context);
}

bool only_compares(const torch::jit::Block& block) {
  static const std::unordered_set<std::string> harmless = {
      "prim::Constant", "prim::GetAttr", "aten::dim", "aten::len", "aten::eq",     "aten::ne",
      "aten::lt",       "aten::le",      "aten::gt",  "aten::ge",  "aten::__not__"};
  return std::all_of(block.nodes().begin(), block.nodes().end(), [](const torch::jit::Node* node) {
    if (node->kind() == c10::prim::If) {
      return only_compares(*node->blocks()[0]) && only_compares(*node->blocks()[1]);
    }
    return harmless.contains(node->kind().toQualString());
  });
}

Abstract emit_select(Emitter& emitter, const torch::jit::Node& at, const Context& context,
                     const Abstract& condition, const Abstract& yes, const Abstract& no) {
  const c10::TypePtr type = at.output()->type();
  Call call;
  call.target = "softbeam::select";
  call.op = op_name(call.target);
  call.argument_names = {"condition", "yes", "no"};
  call.argument_types = {c10::BoolType::get(), type, type};
  call.results = 1;
  call.kernel = [](torch::jit::Stack& stack) {
    const c10::IValue other = torch::jit::pop(stack);
    const c10::IValue value = torch::jit::pop(stack);
    const bool chosen = torch::jit::pop(stack).toBool();
    stack.push_back(chosen ? value : other);
  };
  return emitter.emit(std::move(call), {condition, yes, no}, at, context)[0];
}

}  // namespace softbeam::model::torchscript
