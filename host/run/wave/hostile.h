// Words that break shortcuts: Inf, NaN, signed zeros, denormals, the largest floats. Planted into
// copies of golden rows when a number of rows is proved.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "injectors/rng.h"

namespace softbeam::run {

// `rows` is contiguous [rows, ...] of floats. A few words of every row: so few that one Inf or NaN
// does not hide what happens to the rest, and that denormals, which cost a processor hundreds of
// cycles each, do not take over. The places follow from the seed.
void plant_hostile(at::Tensor& rows, std::uint64_t seed);

// Uniform in -1 .. 1.
void fill_noise(at::Tensor& dense, injectors::Stream& random);

// Scales every float by its own factor between 0.75 and 1.25, so that other sums are rounded.
void jitter(at::Tensor& rows, std::uint64_t seed);

}  // namespace softbeam::run
