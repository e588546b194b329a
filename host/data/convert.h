// Private to host/data: arrays of any readable type as the types that campaigns use.
// Used by load_dataset.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/data/npz.h"

namespace softbeam::data {

bool is_float(const Array& array);
bool is_integer(const Array& array);

// The first `count` elements, rounded to nearest even as NumPy's astype(float32) does.
// Precondition: is_float or is_integer.
std::vector<float> to_float32(const Array& array, std::size_t count);

// The first `count` elements; one that does not fit becomes -1. Precondition: is_integer.
std::vector<std::int64_t> to_int64(const Array& array, std::size_t count);

// Texts as UTF-8, without trailing zeros. Precondition: the type is U.
std::vector<std::string> to_texts(const Array& array);

}  // namespace softbeam::data
