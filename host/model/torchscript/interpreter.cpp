#include "host/model/torchscript/interpreter.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "host/base/error.h"
#include "host/model/torchscript/checks.h"
#include "host/model/torchscript/folding.h"
#include "host/model/torchscript/structures.h"

namespace softbeam::model::torchscript {

namespace {

namespace prim = c10::prim;
using torch::jit::Block;
using torch::jit::Node;

constexpr std::size_t max_steps = 5'000'000;
constexpr const char* other_format = "; export the model with torch.export, or trace it";

// torch.jit.trace stores a module's second call as its method forward1.
bool is_module_call(const ObjectRef& self, const std::string& method) {
  return self.object->type()->is_module() && method.starts_with("forward") &&
         method.find_first_not_of("0123456789", 7) == std::string::npos;
}

// They tell the user something, or ask for gradients, which are never computed here.
bool has_no_effect(const Node& node) {
  static const std::unordered_set<std::string> names = {"prim::Print", "aten::warn",
                                                        "aten::set_grad_enabled"};
  return names.contains(node.kind().toQualString());
}

bool only_switches_gradients(const ObjectRef& context_manager) {
  static const std::unordered_set<std::string> names = {"no_grad", "enable_grad", "inference_mode",
                                                        "set_grad_enabled", "record_function"};
  const auto name = context_manager.object->type()->name();
  return name && names.contains(name->name());
}

}  // namespace

Interpreter::Interpreter(GraphBuilder& builder, State& state, std::shared_ptr<const void> program)
    : state_(state), emitter_(builder, state, std::move(program)), ranks_(state) {}

void Interpreter::fail(const Node& node, const std::string& problem,
                       const std::string& suggestion) const {
  throw RunError(problem + " at " + context_.describe(node) + suggestion);
}

void Interpreter::enter_module(const std::string& path) {
  const std::size_t earlier = calls_[path]++;
  context_.stack.push_back({earlier == 0 ? path : path + "@" + std::to_string(earlier), path});
}

Abstract Interpreter::call_method(const ObjectRef& self, const std::string& method,
                                  std::vector<Abstract> arguments) {
  torch::jit::Function* function = self.object->type()->findMethod(method);
  if (function == nullptr) {
    throw RunError("module '" + self.path + "' has no method " + method +
                   "; save a module with a forward method");
  }
  const bool enters = is_module_call(self, method);
  if (enters) {
    enter_module(self.path);
  }
  arguments.insert(arguments.begin(), self);
  Results results = call_function(*function, arguments);
  if (enters) {
    context_.stack.pop_back();
  }
  return results.empty() ? Abstract(c10::IValue()) : results[0];
}

Interpreter::Results Interpreter::call_function(torch::jit::Function& function,
                                                const Results& inputs) {
  function.ensure_defined();
  const auto graph = torch::jit::toGraphFunction(function).graph();
  Values values;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    values.insert_or_assign(graph->inputs()[i], inputs[i]);
  }
  return run(*graph->block(), values);
}

Interpreter::Results Interpreter::run(const Block& block, Values& values) {
  for (const Node* node : block.nodes()) {
    if (++steps_ > max_steps) {
      fail(*node, "a loop that does not end within " + std::to_string(max_steps) + " steps",
           other_format);
    }
    const Results results = visit(*node, values);
    for (std::size_t i = 0; i < node->outputs().size(); ++i) {
      values.insert_or_assign(node->output(i), results.at(i));
    }
  }
  Results outputs;
  for (const torch::jit::Value* output : block.outputs()) {
    outputs.push_back(values.at(output));
  }
  return outputs;
}

Interpreter::Results Interpreter::visit(const Node& node, Values& values) {
  Results inputs;
  for (const torch::jit::Value* input : node.inputs()) {
    inputs.push_back(values.at(input));
  }
  switch (node.kind()) {
    case prim::Constant:
      return visit_constant(node);
    case prim::Uninitialized:  // stands where a branch has raised or returned
      return {c10::IValue()};
    case prim::unchecked_cast:
      return inputs;
    case prim::GetAttr:
      return visit_attribute(node, inputs[0]);
    case prim::SetAttr:
      return visit_set_attribute(node, inputs);
    case prim::CallMethod:
    case prim::CallFunction:
      return visit_call(node, inputs);
    case prim::If:
      return visit_if(node, inputs[0], values);
    case prim::Loop:
      return visit_loop(node, inputs, values);
    case prim::RaiseException:
      fail(node, "the model always raises an exception", ": " + raised_message(node));
    case prim::isinstance:
      return {c10::IValue(is_instance(node, inputs[0]))};
    case prim::CreateObject: {
      const auto type = node.output()->type()->expect<c10::ClassType>();
      return {ObjectRef{
          c10::ivalue::Object::create({type->compilation_unit(), type}, type->numAttributes()),
          ""}};
    }
    case prim::Enter:
    case prim::Exit:
      if (const auto* object = std::get_if<ObjectRef>(&inputs[0]);
          object == nullptr || !only_switches_gradients(*object)) {
        fail(node, "a 'with' block that softbeam does not know", other_format);
      }
      return Results(node.outputs().size(), inputs[0]);
    default:
      return visit_operator(node, inputs);
  }
}

Interpreter::Results Interpreter::visit_constant(const Node& node) {
  const auto content = torch::jit::toIValue(node.output());
  if (!content) {
    return {c10::IValue()};  // a function; its type says which
  }
  return {state_.lift(*content,
                      join(context_.stack.empty() ? "" : context_.stack.back().path, "constant"))};
}

Interpreter::Results Interpreter::visit_attribute(const Node& node, const Abstract& owner) {
  const auto* object = std::get_if<ObjectRef>(&owner);
  if (object == nullptr) {
    fail(node, "an attribute of something that is not a module", other_format);
  }
  return {state_.attribute(*object, node.s(c10::attr::name))};
}

Interpreter::Results Interpreter::visit_set_attribute(const Node& node, const Results& inputs) {
  const auto* object = std::get_if<ObjectRef>(&inputs[0]);
  const std::string& name = node.s(c10::attr::name);
  if (object == nullptr || (object->object->type()->is_module() && !known(inputs[1]))) {
    fail(node,
         "attribute '" + (object == nullptr ? name : join(object->path, name)) + "' is changed",
         "; a model must not keep values of one call for the next");
  }
  state_.set_attribute(*object, name, inputs[1]);
  return {};
}

Interpreter::Results Interpreter::visit_call(const Node& node, const Results& inputs) {
  context_.callers.push_back(node.sourceRange());
  Results results;
  if (node.kind() == prim::CallFunction) {
    const auto type = node.input(0)->type()->expect<c10::FunctionType>();
    results = call_function(*type->function(), {inputs.begin() + 1, inputs.end()});
  } else {
    const auto* self = std::get_if<ObjectRef>(&inputs[0]);
    const std::string& name = node.s(c10::attr::name);
    if (self == nullptr) {
      fail(node, "method '" + name + "' of something that is not a module", other_format);
    }
    torch::jit::Function* method = self->object->type()->findMethod(name);
    if (method != nullptr && torch::jit::tryToGraphFunction(*method) == nullptr) {
      results = emitter_.call_builtin(node, *method, inputs, context_);
    } else {
      results = {call_method(*self, name, {inputs.begin() + 1, inputs.end()})};
    }
  }
  context_.callers.pop_back();
  return results;
}

Interpreter::Results Interpreter::visit_if(const Node& node, const Abstract& condition,
                                           Values& values) {
  const Block& yes = *node.blocks()[0];
  const Block& no = *node.blocks()[1];
  if (const auto constant = known(condition)) {
    return run(constant->toBool() ? yes : no, values);
  }
  if (always_raises(yes) != always_raises(no)) {
    const bool expected = always_raises(no);
    emit_check(emitter_, node, context_, condition, expected, raised_message(expected ? no : yes));
    return run(expected ? yes : no, values);
  }
  const bool selects =
      node.outputs().size() == 1 && node.output()->type()->kind() == c10::TypeKind::BoolType;
  if (selects && only_compares(yes) && only_compares(no)) {
    const Results chosen = run(yes, values);
    const Results other = run(no, values);
    return {emit_select(emitter_, node, context_, condition, chosen[0], other[0])};
  }
  fail(node, "control flow depends on data", other_format);
}

Interpreter::Results Interpreter::visit_loop(const Node& node, const Results& inputs,
                                             Values& values) {
  const Block& body = *node.blocks()[0];
  const auto trips = known(inputs[0]);
  Results carried(inputs.begin() + 1, inputs.end());  // the condition first
  for (std::int64_t i = 0;; ++i) {
    const auto condition = known(carried[0]);
    if (!trips || !condition) {
      fail(node, "a loop depends on data", other_format);
    }
    if (i >= trips->toInt() || !condition->toBool()) {
      return {carried.begin() + 1, carried.end()};
    }
    values.insert_or_assign(body.inputs()[0], c10::IValue(i));
    for (std::size_t k = 1; k < carried.size(); ++k) {
      values.insert_or_assign(body.inputs()[k], carried[k]);
    }
    carried = run(body, values);
  }
}

bool Interpreter::is_instance(const Node& node, const Abstract& value) const {
  c10::TypePtr type;
  if (const ValueId* id = runtime(value)) {
    const auto it = types_.find(id->value);
    type = it == types_.end() ? c10::TypePtr(c10::TensorType::get()) : it->second;
  } else if (const auto items = sequence(value)) {
    type = items->type;
  } else {
    type = known(value)->type();
  }
  const auto& wanted = node.tys(c10::attr::types);
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const c10::TypePtr& one) { return type->isSubtypeOf(*one); });
}

std::optional<Interpreter::Results> Interpreter::fold(const Node& node, const Results& inputs) {
  if (auto results = apply_structure(node, inputs)) {
    return results;
  }
  if (auto constant = general_knowledge(node, inputs)) {
    return Results{state_.lift(*constant, "constant")};
  }
  if (const auto constants = run_on_constants(node, inputs, state_)) {
    Results results;
    for (const c10::IValue& constant : *constants) {
      results.push_back(state_.lift(constant, "constant"));
    }
    return results;
  }
  if (const ValueId* id = inputs.empty() ? nullptr : runtime(inputs[0])) {
    if (node.kind() != c10::aten::dim) {
      return fold_sizes(node, inputs);
    }
    if (const auto dimensions = rank(node, *id)) {
      return Results{c10::IValue(*dimensions)};
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> Interpreter::rank(const Node& at, ValueId tensor) {
  const auto answer = ranks_.of(tensor);
  if (!answer) {
    return std::nullopt;
  }
  for (const Ranks::Assumption& assumption : answer->unchecked) {
    emit_rank_check(emitter_, at, context_, assumption.value, assumption.rank);
  }
  return answer->rank;
}

// Operations on the list that x.size() gives: the numbers in it are known at run time, but how many
// there are may be known now.
std::optional<Interpreter::Results> Interpreter::fold_sizes(const Node& node,
                                                            const Results& inputs) {
  static const std::unordered_set<std::string> names = {"aten::len", "aten::slice", "aten::list",
                                                        "aten::add", "aten::__getitem__"};
  const auto tensor = ranks_.measured(*runtime(inputs[0]));
  if (tensor && node.kind() == prim::ListUnpack) {
    ranks_.assume(*tensor, static_cast<std::int64_t>(node.outputs().size()));
  }
  if (!tensor || !names.contains(node.kind().toQualString())) {
    return std::nullopt;
  }
  const auto count = rank(node, *tensor);
  if (!count) {
    return std::nullopt;
  }
  Results spelled_out = inputs;
  spelled_out[0] = make_sequence(
      Sequence::Kind::list, node.input(0)->type(),
      emitter_.unpack(node, inputs[0], static_cast<std::size_t>(*count), false, context_));
  for (const Abstract& size : sequence(spelled_out[0])->items) {
    types_.insert_or_assign(runtime(size)->value, c10::IntType::get());
  }
  return apply_structure(node, spelled_out);
}

Interpreter::Results Interpreter::visit_operator(const Node& node, const Results& inputs) {
  if (has_no_effect(node)) {
    return {};
  }
  try {
    if (auto results = fold(node, inputs)) {
      return *results;
    }
  } catch (const c10::Error& error) {
    fail(node, "the model's code fails", std::string(": ") + error.what_without_backtrace());
  }
  const bool unpacks = node.kind() == prim::ListUnpack || node.kind() == prim::TupleUnpack;
  Results results = unpacks ? emitter_.unpack(node, inputs[0], node.outputs().size(),
                                              holds_tensors(node.output(0)->type()), context_)
                            : emitter_.emit(node, inputs, context_);
  for (std::size_t i = 0; i < results.size(); ++i) {
    types_.insert_or_assign(runtime(results[i])->value, node.output(i)->type());
  }
  ranks_.note(node, inputs, results);
  return results;
}

}  // namespace softbeam::model::torchscript
