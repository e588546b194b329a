#include "host/model/torchscript/emitter.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <utility>

#include "host/base/error.h"
#include "host/model/torchscript/convolution.h"
#include "host/model/torchscript/template.h"

namespace softbeam::model::torchscript {

namespace {

using torch::jit::Stack;

bool writes_into(const c10::AliasInfo* alias) {
  return alias != nullptr &&
         (alias->isWrite() ||
          std::any_of(alias->containedTypes().begin(), alias->containedTypes().end(),
                      [](const c10::AliasInfo& part) { return writes_into(&part); }));
}

void describe_schema(Call& call, const c10::FunctionSchema& schema) {
  for (const c10::Argument& argument : schema.arguments()) {
    if (writes_into(argument.alias_info())) {
      call.writes.push_back(static_cast<std::uint32_t>(call.argument_names.size()));
    }
    call.argument_names.push_back(argument.name());
    call.argument_types.push_back(argument.type());
  }
}

// Lists and dicts exist only while the program is read, so nothing may change them later.
bool changes_container(const c10::FunctionSchema& schema) {
  return std::any_of(
      schema.arguments().begin(), schema.arguments().end(), [](const auto& argument) {
        const c10::TypeKind kind = argument.type()->kind();
        return (kind == c10::TypeKind::ListType || kind == c10::TypeKind::DictType) &&
               argument.alias_info() != nullptr && argument.alias_info()->isWrite();
      });
}

Call dispatcher_call(const c10::OperatorHandle& handle) {
  Call call;
  call.target = handle.operator_name().name;
  call.op = op_name(call.target);
  call.kernel = [handle](Stack& stack) { handle.callBoxed(stack); };
  describe_schema(call, handle.schema());
  call.results = handle.schema().returns().size();
  for (const c10::Argument& result : handle.schema().returns()) {
    call.tensor_results = call.tensor_results || holds_tensors(result.type());
  }
  return call;
}

// Batch and instance norm change their running statistics in train mode; their schema is silent.
void add_silent_writes(Call& call, const std::vector<Abstract>& inputs) {
  if (call.op != "batch_norm" && call.op != "instance_norm") {
    return;
  }
  const auto training = known(inputs[5]);
  for (const std::uint32_t statistics : {3U, 4U}) {
    if ((!training || training->toBool()) && runtime(inputs[statistics]) != nullptr) {
      call.writes.push_back(statistics);
    }
  }
}

void describe_results(Call& call, const torch::jit::Node& node) {
  call.results = node.outputs().size();
  call.tensor_results = false;
  for (const torch::jit::Value* output : node.outputs()) {
    call.tensor_results = call.tensor_results || holds_tensors(output->type());
  }
}

}  // namespace

Emitter::Emitter(GraphBuilder& builder, const State& state, std::shared_ptr<const void> program)
    : builder_(builder), state_(state), program_(std::move(program)) {}

Call Emitter::operator_call(const torch::jit::Node& node, const Context& context) const {
  const torch::jit::Operator* op = node.maybeOperator();
  if (op == nullptr) {
    throw RunError(std::string("operator ") + node.kind().toQualString() + " at " +
                   context.describe(node) +
                   " cannot be run node by node; export the model with torch.export, or trace it");
  }
  if (changes_container(op->schema())) {
    throw RunError("list or dict that " + context.describe(node) +
                   " changes depends on data; export the model with torch.export, or trace it");
  }
  Call call;
  if (const auto handle = c10::Dispatcher::singleton().findSchema(op->schema().operator_name())) {
    call = dispatcher_call(*handle);
  } else {
    call.target = node.kind().toQualString();
    call.op = op_name(call.target);
    call.kernel = [operation = op->getOperation(&node), program = program_](Stack& stack) mutable {
      operation(stack);
    };
    describe_schema(call, op->schema());
  }
  describe_results(call, node);
  if (op->schema().is_vararg()) {
    for (std::size_t i = call.argument_names.size(); i < node.inputs().size(); ++i) {
      call.argument_names.push_back("input" + std::to_string(i));
      call.argument_types.push_back(node.input(i)->type());
    }
  }
  return call;
}

std::vector<Abstract> Emitter::emit(const torch::jit::Node& node, std::vector<Abstract> inputs,
                                    const Context& context) {
  if (auto convolution = public_convolution(node.kind().toQualString(), inputs, state_)) {
    const auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(
        convolution->name.c_str(), convolution->overload.c_str());
    return emit(dispatcher_call(handle), convolution->inputs, node, context);
  }
  Call call = operator_call(node, context);
  add_silent_writes(call, inputs);
  if (node.getOperator().schema().is_vararg()) {
    call.argument_names.emplace_back("count");
    call.argument_types.push_back(c10::IntType::get());
    inputs.emplace_back(c10::IValue(static_cast<std::int64_t>(inputs.size())));
  }
  return emit(std::move(call), inputs, node, context);
}

std::vector<Abstract> Emitter::emit(Call call, const std::vector<Abstract>& inputs,
                                    const torch::jit::Node& at, const Context& context) {
  Node node;
  node.target = std::move(call.target);
  node.op = std::move(call.op);
  node.location = context.location(at);
  node.kernel = std::move(call.kernel);
  node.argument_names = std::move(call.argument_names);
  node.writes = std::move(call.writes);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!add_argument(node, inputs[i], call.argument_types[i])) {
      throw RunError("argument '" + node.argument_names[i] + "' of " + node.target + " at " +
                     context.describe(at) +
                     " nests computed values more deeply than in one list; export the model with "
                     "torch.export");
    }
  }
  std::vector<Abstract> results;
  for (const ValueId id :
       builder_.add_node(std::move(node), call.results, context.stack, call.tensor_results)) {
    results.emplace_back(id);
  }
  return results;
}

std::vector<Abstract> Emitter::unpack(const torch::jit::Node& at, const Abstract& list,
                                      std::size_t count, bool tensors, const Context& context) {
  Call call;
  call.target = list_unpack;
  call.op = op_name(list_unpack);
  call.results = count;
  call.tensor_results = tensors;
  call.kernel = [count](Stack& stack) {
    const c10::IValue whole = torch::jit::pop(stack);
    const auto push = [&](c10::ArrayRef<c10::IValue> items) {
      if (items.size() != count) {
        throw RunError("a list of " + std::to_string(items.size()) + " items is taken apart into " +
                       std::to_string(count));
      }
      stack.insert(stack.end(), items.begin(), items.end());
    };
    if (whole.isTuple()) {
      push(whole.toTupleRef().elements());
    } else {
      push(whole.toListRef());
    }
  };
  call.argument_names = {"list"};
  call.argument_types = {at.inputs().empty() ? nullptr : at.input(0)->type()};
  return emit(std::move(call), {list}, at, context);
}

std::vector<Abstract> Emitter::call_builtin(const torch::jit::Node& node,
                                            torch::jit::Function& method,
                                            const std::vector<Abstract>& inputs,
                                            const Context& context) {
  Call call;
  call.target = method.qualname().qualifiedName();
  call.op = method.name();
  call.kernel = [&method, program = program_](Stack& stack) { method.run(stack); };
  describe_schema(call, method.getSchema());
  describe_results(call, node);
  return emit(std::move(call), inputs, node, context);
}

}  // namespace softbeam::model::torchscript
