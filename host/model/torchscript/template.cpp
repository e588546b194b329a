#include "host/model/torchscript/template.h"

#include <utility>

namespace softbeam::model::torchscript {

namespace {

// What stands in a list until the run-time value is filled in; it must have the list's own type.
c10::IValue placeholder(const c10::TypePtr& type) {
  switch (type->kind()) {
    case c10::TypeKind::TensorType:
      return at::Tensor();
    case c10::TypeKind::BoolType:
      return false;
    case c10::TypeKind::FloatType:
      return 0.0;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
    case c10::TypeKind::NumberType:
      return std::int64_t{0};
    default:
      return {};
  }
}

c10::TypePtr list_type(const c10::TypePtr& expected, const c10::TypePtr& actual) {
  c10::TypePtr type = expected;
  if (const auto optional = type->cast<c10::OptionalType>()) {
    type = optional->getElementType();
  }
  // Symbolic integers exist only while a model is traced; here they are integers.
  const bool usable = type->kind() == c10::TypeKind::ListType && !type->hasFreeVariables() &&
                      element_type(type)->kind() != c10::TypeKind::SymIntType;
  return usable ? type : actual;
}

bool add_list(Node& node, const Sequence& list, const c10::TypePtr& type, std::uint32_t argument) {
  const c10::TypePtr element = element_type(list_type(type, list.type));
  c10::impl::GenericList content(element);
  for (const Abstract& item : list.items) {
    if (const ValueId* value = runtime(item)) {
      node.slots.push_back({argument, static_cast<std::int32_t>(content.size()), *value});
      content.push_back(placeholder(element));
    } else if (auto constant = known(item)) {
      content.push_back(std::move(*constant));
    } else {
      return false;
    }
  }
  node.arguments.emplace_back(std::move(content));
  return true;
}

}  // namespace

bool add_argument(Node& node, const Abstract& value, const c10::TypePtr& type) {
  const auto argument = static_cast<std::uint32_t>(node.arguments.size());
  if (const ValueId* id = runtime(value)) {
    node.arguments.emplace_back();
    node.slots.push_back({argument, -1, *id});
    return true;
  }
  if (const auto items = sequence(value); items && items->kind == Sequence::Kind::list) {
    return add_list(node, *items, type, argument);
  }
  if (auto constant = known(value)) {
    node.arguments.push_back(std::move(*constant));
    return true;
  }
  return false;
}

}  // namespace softbeam::model::torchscript
