#include "host/model/exported/coerce.h"

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/jit_type.h>
#include <ATen/ops/scalar_tensor.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace softbeam::model::exported {
namespace {

c10::ScalarType python_type(const c10::IValue& number) {
  if (number.isBool()) {
    return c10::ScalarType::Bool;
  }
  if (number.isInt()) {
    return c10::ScalarType::Long;
  }
  return number.isComplexDouble() ? c10::ScalarType::ComplexDouble : c10::ScalarType::Double;
}

c10::IValue coerce_list(const c10::IValue& value, const c10::ListType& wanted,
                        std::optional<std::int32_t> length) {
  std::vector<c10::IValue> items;
  if (value.isList()) {
    items = value.toListRef().vec();
  } else {
    items.assign(static_cast<std::size_t>(std::max(length.value_or(1), 1)), value);
  }
  c10::impl::GenericList list(wanted.getElementType());
  for (c10::IValue& item : items) {
    list.push_back(coerce(std::move(item), *wanted.getElementType()));
  }
  return list;
}

}  // namespace

at::Tensor wrap_number(const c10::IValue& number) {
  at::Tensor tensor = at::scalar_tensor(number.toScalar(), at::TensorOptions(python_type(number)));
  tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
  return tensor;
}

c10::IValue coerce(c10::IValue value, const c10::Type& wanted, std::optional<std::int32_t> length) {
  switch (wanted.kind()) {
    case c10::TypeKind::OptionalType:
      return value.isNone()
                 ? value
                 : coerce(std::move(value), *wanted.expectRef<c10::OptionalType>().getElementType(),
                          length);
    case c10::TypeKind::TensorType:
      return value.isScalar() ? c10::IValue(wrap_number(value)) : value;
    case c10::TypeKind::FloatType:
      return value.isInt() ? c10::IValue(static_cast<double>(value.toInt())) : value;
    case c10::TypeKind::IntType:
      return value.isBool() ? c10::IValue(static_cast<std::int64_t>(value.toBool())) : value;
    case c10::TypeKind::BoolType:
      return value.isInt() ? c10::IValue(value.toInt() != 0) : value;
    case c10::TypeKind::ListType:
      return value.isNone() ? value : coerce_list(value, wanted.expectRef<c10::ListType>(), length);
    default:
      return value;
  }
}

}  // namespace softbeam::model::exported
