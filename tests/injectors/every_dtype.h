// All element types, in the order of the enumerators.
// Used by tests of injectors/.
#pragma once

#include <array>
#include <vector>

#include "injectors/dtype.h"

namespace softbeam::injectors {

inline const std::vector<DType> every_dtype = {DType::float32, DType::float16, DType::bfloat16,
                                               DType::float64, DType::int8,    DType::uint8,
                                               DType::int16,   DType::int32,   DType::int64};

inline constexpr std::array<Field, 3> every_field = {Field::sign, Field::exponent, Field::mantissa};

}  // namespace softbeam::injectors
