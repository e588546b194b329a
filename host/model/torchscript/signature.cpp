#include "host/model/torchscript/signature.h"

#include <string>

#include "host/base/error.h"

namespace softbeam::model::torchscript {

namespace {

Abstract add_input(GraphBuilder& builder, const std::string& name, const c10::TypePtr& type) {
  if (const auto tuple = type->cast<c10::TupleType>()) {
    std::vector<Abstract> items;
    for (const c10::TypePtr& element : tuple->elements()) {
      items.push_back(add_input(builder, name + "." + std::to_string(items.size()), element));
    }
    return make_sequence(Sequence::Kind::tuple, type, std::move(items));
  }
  if (!holds_tensors(type) || type->kind() == c10::TypeKind::ListType) {
    throw RunError("argument '" + name + "' of forward is of type " + type->annotation_str() +
                   "; softbeam feeds tensors: wrap the model in a module that takes tensors alone");
  }
  return builder.add_input(name, {});
}

struct Outputs {
  std::vector<ValueId> values;
  std::vector<std::string> names;
};

void collect(const Abstract& value, const std::string& name, const c10::TypePtr& type,
             Outputs& outputs) {
  const auto join = [&](const std::string& part) {
    return name.empty() ? part : name + "." + part;
  };
  if (const ValueId* id = runtime(value)) {
    const bool list = type && type->kind() == c10::TypeKind::ListType;
    if (list && holds_tensors(type)) {
      throw RunError("output '" + join("0") +
                     "' is a list whose length is known only at run time; return a tuple");
    }
    if (!type || holds_tensors(type)) {
      outputs.values.push_back(*id);
      outputs.names.push_back(name.empty() ? "0" : name);
    }
    return;
  }
  const auto items = sequence(value);
  for (std::size_t i = 0; items && i < items->items.size(); ++i) {
    const bool dict = items->kind == Sequence::Kind::dict;
    const std::string part =
        dict && items->keys[i].isString() ? items->keys[i].toStringRef() : std::to_string(i);
    const bool typed = items->type && i < items->type->containedTypes().size();
    const c10::TypePtr element = dict ? items->type->containedType(1)
                                 : items->kind == Sequence::Kind::list ? element_type(items->type)
                                 : typed ? items->type->containedType(i)
                                         : nullptr;
    collect(items->items[i], join(part), element, outputs);
  }
}

}  // namespace

std::vector<Abstract> add_inputs(GraphBuilder& builder, const c10::FunctionSchema& forward) {
  std::vector<Abstract> inputs;
  for (std::size_t i = 1; i < forward.arguments().size(); ++i) {
    const c10::Argument& argument = forward.arguments()[i];
    if (argument.default_value()) {
      inputs.emplace_back(*argument.default_value());
    } else {
      inputs.push_back(add_input(builder, argument.name(), argument.type()));
    }
  }
  return inputs;
}

void set_outputs(GraphBuilder& builder, const Abstract& result,
                 const c10::FunctionSchema& forward) {
  Outputs outputs;
  collect(result, "", forward.returns().empty() ? nullptr : forward.returns()[0].type(), outputs);
  if (outputs.values.empty()) {
    throw RunError("forward returns no tensor; return the values that are the model's answer");
  }
  builder.set_outputs(std::move(outputs.values), std::move(outputs.names));
}

}  // namespace softbeam::model::torchscript
