// NaN by the bits of a word. Arithmetic does not say which NaN it gives, and libraries give others
// at other places of a tensor: a strike of a computed NaN starts from one and the same.
#pragma once

#include <cstdint>

#include "injectors/dtype.h"

namespace softbeam::injectors {

// False for all words of integer types.
bool is_nan(DType dtype, std::uint64_t word);

// The quiet NaN without a sign: 0x7fc00000 for float32. Precondition: a floating-point type.
std::uint64_t canonical_nan(DType dtype);

}  // namespace softbeam::injectors
