// Words that break shortcuts: Inf, NaN, signed zeros, denormals, the largest floats. Planted into
// copies of golden when a shortcut is proved.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace softbeam::run {

// Overwrites about one float in twelve, the first and the last word always. The places follow from
// the seed.
void plant_hostile(at::Tensor& contiguous_floats, std::uint64_t seed);

// Scales every float by its own factor between 0.75 and 1.25, so that other sums are rounded.
void jitter(at::Tensor& contiguous_floats, std::uint64_t seed);

}  // namespace softbeam::run
