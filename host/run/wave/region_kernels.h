// The loops of elementwise regions, bit for bit what ATen computes. Each runs with the widest
// vectors of the machine; outputs never overlap inputs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "injectors/window.h"

namespace softbeam::run {

// One pass over [channels][area]: batch norm, then a sum with another operand, then bounds; each of
// them may be left out.
struct Chain {
  const float* x = nullptr;
  const float* scale = nullptr;  // by channel; null: no batch norm
  const float* shift = nullptr;
  const float* other = nullptr;  // null: no sum
  bool other_first = false;      // other + x; the order decides between two NaNs
  bool bounded = false;          // max(low, .), then min(high, .); NaN and -0.0 stay
  float low = 0.0F;
  float high = 0.0F;
  float* y = nullptr;
  std::int32_t channels = 0;
  std::int64_t area = 0;
};

void run_chain(const Chain& chain);

void add_scaled(float* y, const float* a, const float* b, float alpha, std::int64_t count);
void add_scalar(float* y, const float* a, float b, float alpha, std::int64_t count);
void multiply(float* y, const float* a, const float* b, std::int64_t count);
void multiply_scalar(float* y, const float* a, float b, std::int64_t count);

// Words behind a gathered window that may be overwritten.
inline constexpr std::int64_t gather_slack = 8;

// Cuts `rect` out of all channels of an image [channels][height][width]. `y` has room for
// `gather_slack` words more.
void gather(float* y, const float* image, std::int32_t channels, std::int32_t height,
            std::int32_t width, const injectors::Rect& rect);
// Lays `row`, [channels] x `inner`, over the window `outer` that contains it.
void lay_over(float* window, const injectors::Rect& outer, const float* row,
              const injectors::Rect& inner, std::int32_t channels);

}  // namespace softbeam::run
