// Fits a constant to the type that an operator's schema wants. Private to host/model/exported.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type_base.h>

#include <optional>

namespace softbeam::model::exported {

// What Python's argument parser does: a number for a tensor becomes a 0-dimensional tensor that
// does not take part in type promotion, an int becomes a float, a single number a list of `length`.
c10::IValue coerce(c10::IValue value, const c10::Type& wanted,
                   std::optional<std::int32_t> length = std::nullopt);

// The tensor that stands for a Python number in tensor arithmetic.
at::Tensor wrap_number(const c10::IValue& number);

}  // namespace softbeam::model::exported
