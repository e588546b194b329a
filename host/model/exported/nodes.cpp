#include "host/model/exported/nodes.h"

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/jit_type.h>
#include <fmt/core.h>
#include <torch/headeronly/version.h>

#include <optional>
#include <utility>

#include "host/base/error.h"
#include "host/model/exported/coerce.h"
#include "host/model/exported/operators.h"
#include "host/model/exported/origin.h"
#include "host/model/exported/symbolic.h"

namespace softbeam::model::exported {
namespace {

bool makes_tensors(const c10::Type& type) {
  if (const auto* optional = type.castRaw<c10::OptionalType>()) {
    return makes_tensors(*optional->getElementType());
  }
  if (const auto* list = type.castRaw<c10::ListType>()) {
    return makes_tensors(*list->getElementType());
  }
  return type.kind() == c10::TypeKind::TensorType;
}

void add_slots(Node& node, const Argument& argument, std::size_t index) {
  for (Slot slot : argument.slots) {
    slot.argument = static_cast<std::uint32_t>(index);
    node.slots.push_back(slot);
  }
}

// By parameter, nullptr where the file leaves the default.
std::vector<const Json*> given_arguments(const Json& node, const c10::FunctionSchema& schema) {
  std::vector<const Json*> given(schema.arguments().size(), nullptr);
  std::size_t position = 0;
  for (const Json& input : array(node, "inputs")) {
    const std::string& name = text(member(input, "name"));
    std::optional<int> index = schema.argumentIndexWithName(name);
    if (!index) {
      // Positional (1) arguments may have another name in another version of the operator.
      const Json* kind = optional_member(input, "kind");
      if (kind == nullptr || integer(*kind) != 1 || position >= given.size()) {
        throw ShapeError(fmt::format("the operator has no argument '{}'", name));
      }
      index = static_cast<int>(position);
    }
    given[static_cast<std::size_t>(*index)] = &member(input, "arg");
    ++position;
  }
  return given;
}

// Convolutions of every rank share one operator in some graphs; the file knows the weight's rank.
std::string name_operator(const Json& graph, const Json& node, const std::string& target) {
  std::string name = op_name(target);
  if (name != "convolution" && name != "_convolution") {
    return name;
  }
  std::optional<std::size_t> rank;
  bool transposed = false;
  for (const Json& input : array(node, "inputs")) {
    const Tagged argument = tagged(member(input, "arg"));
    const std::string& argument_name = text(member(input, "name"));
    if (argument_name == "weight" && argument.tag == "as_tensor") {
      const std::string& weight = text(member(argument.value, "name"));
      rank = array(member(member(graph, "tensor_values"), weight.c_str()), "sizes").size();
    } else if (argument_name == "transposed" && argument.tag == "as_bool") {
      transposed = boolean(argument.value);
    }
  }
  return op_name(target, rank, transposed);
}

}  // namespace

void NodeReader::refuse(const Place& place, const std::string& why) const {
  const std::string module = place.calls.empty() ? "" : place.calls.back().path;
  throw RunError(fmt::format("{}: operator {}{}{} {}", path_, place.target,
                             module.empty() ? "" : " at module " + module,
                             place.location.empty() ? "" : " (" + place.location + ")", why));
}

void NodeReader::read(const Json& graph, Scope& scope, int depth) {
  for (const Json& node : array(graph, "nodes")) {
    read_node(graph, node, scope, depth);
  }
}

void NodeReader::read_node(const Json& graph, const Json& node, Scope& scope, int depth) {
  Place place;
  place.target = text(member(node, "target"));
  if (const Json* metadata = optional_member(node, "metadata")) {
    place.calls = module_calls(text_or_empty(*metadata, "nn_module_stack"));
    place.location = source_line(text_or_empty(*metadata, "stack_trace"));
  }
  try {
    if (place.target.starts_with("torch.ops.higher_order.")) {
      read_nested(node, place, scope, depth);
    } else if (const auto symbolic = symbolic_operator(place.target)) {
      read_symbolic(node, *symbolic, place, scope);
    } else if (const auto handle = find_operator(place.target)) {
      read_operator(graph, node, *handle, place, scope);
    } else {
      refuse(place, fmt::format("is not available in LibTorch {}.{}{}", TORCH_VERSION_MAJOR,
                                TORCH_VERSION_MINOR, way_out(place.target)));
    }
  } catch (const ShapeError& error) {
    throw ShapeError(fmt::format("{} at node {}", error.what(),
                                 text_or_empty(node, "name") + " (" + place.target + ")"));
  }
}

void NodeReader::read_operator(const Json& graph, const Json& node,
                               const c10::OperatorHandle& handle, const Place& place,
                               Scope& scope) {
  const c10::FunctionSchema& schema = handle.schema();
  Node result;
  result.target = schema.name();
  result.op = name_operator(graph, node, schema.name());
  result.location = place.location;
  result.kernel = [handle](torch::jit::Stack& stack) { handle.callBoxed(&stack); };

  const std::vector<const Json*> given = given_arguments(node, schema);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const c10::Argument& formal = schema.arguments()[i];
    Argument argument;
    if (given[i] != nullptr) {
      argument = read_argument(*given[i], formal, scope);
    } else if (formal.default_value()) {
      argument.content = *formal.default_value();
    } else {
      throw ShapeError(fmt::format("argument '{}' is missing", formal.name()));
    }
    if (argument.number_for_tensor) {
      argument.slots[0].value = wrapped(argument.slots[0].value, place);
    }
    add_slots(result, argument, i);
    result.arguments.push_back(std::move(argument.content));
    result.argument_names.push_back(formal.name());
    if (formal.alias_info() != nullptr && formal.alias_info()->isWrite()) {
      result.writes.push_back(static_cast<std::uint32_t>(i));
    }
  }
  bool tensors = false;
  for (const c10::Argument& returned : schema.returns()) {
    tensors = tensors || makes_tensors(*returned.type());
  }
  bind_outputs(node, place,
               builder_.add_node(std::move(result), schema.returns().size(), place.calls, tensors),
               scope);
}

void NodeReader::read_symbolic(const Json& node, const SymbolicOperator& symbolic,
                               const Place& place, Scope& scope) {
  const Json& inputs = array(node, "inputs");
  if (inputs.size() != symbolic.arguments) {
    throw ShapeError(
        fmt::format("{} arguments where {} belong", inputs.size(), symbolic.arguments));
  }
  Node result;
  result.target = place.target;
  result.op = symbolic.name;
  result.location = place.location;
  result.kernel = symbolic.kernel;
  for (const Json& input : inputs) {
    const Argument argument = read_number(member(input, "arg"), scope);
    add_slots(result, argument, result.arguments.size());
    result.arguments.push_back(argument.content);
    result.argument_names.push_back(text(member(input, "name")));
  }
  bind_outputs(node, place, builder_.add_node(std::move(result), 1, place.calls, false), scope);
}

void NodeReader::bind_outputs(const Json& node, const Place& place,
                              const std::vector<ValueId>& results, Scope& scope) {
  const Json& outputs = array(node, "outputs");
  if (outputs.size() > results.size()) {
    throw ShapeError(
        fmt::format("{} outputs where the operator gives {}", outputs.size(), results.size()));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::vector<std::string> names = value_names(outputs[i]);
    const std::string_view tag = tagged(outputs[i]).tag;
    if (tag == "as_tensors" || tag == "as_optional_tensors") {
      unpack(names, place, results[i], scope);
    } else if (!names[0].empty()) {
      scope.bind(names[0], results[i]);
    }
  }
}

void NodeReader::unpack(const std::vector<std::string>& names, const Place& place, ValueId list,
                        Scope& scope) {
  Node node;
  node.target = list_unpack;
  node.op = op_name(list_unpack);
  node.location = place.location;
  node.kernel = [count = names.size()](torch::jit::Stack& stack) {
    const c10::List<c10::IValue> items = stack.back().toList();
    if (items.size() != count) {
      throw RunError(fmt::format("a list has {} items where the model was exported with {}",
                                 items.size(), count));
    }
    stack.pop_back();
    for (std::size_t i = 0; i < count; ++i) {
      stack.push_back(items.get(i));
    }
  };
  node.arguments.emplace_back();
  node.argument_names.emplace_back("list");
  node.slots.push_back({0, -1, list});
  const std::vector<ValueId> items =
      builder_.add_node(std::move(node), names.size(), place.calls, true);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) {
      scope.bind(names[i], items[i]);
    }
  }
}

ValueId NodeReader::wrapped(ValueId number, const Place& place) {
  Node node;
  node.target = "prim::NumToTensor";
  node.op = "scalar_tensor";
  node.location = place.location;
  node.kernel = [](torch::jit::Stack& stack) { stack.back() = wrap_number(stack.back()); };
  node.arguments.emplace_back();
  node.argument_names.emplace_back("number");
  node.slots.push_back({0, -1, number});
  return builder_.add_node(std::move(node), 1, place.calls, false)[0];
}

}  // namespace softbeam::model::exported
