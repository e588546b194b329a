#include "host/run/wave/own/interleave.h"

#include <cstring>

namespace softbeam::run {
namespace {

constexpr int tile = 4;
using Four [[gnu::vector_size(16)]] = float;

Four load(const float* from) {
  Four four;
  std::memcpy(&four, from, sizeof four);
  return four;
}

void store(float* to, Four four) { std::memcpy(to, &four, sizeof four); }

// Reads four lines of four words `from_step` apart and writes their columns `to_step` apart.
void transpose(const float* from, std::ptrdiff_t from_step, float* to, std::ptrdiff_t to_step) {
  const Four a = load(from);
  const Four b = load(from + from_step);
  const Four c = load(from + 2 * from_step);
  const Four d = load(from + 3 * from_step);
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  store(to + to_step, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  store(to + 2 * to_step, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store(to + 3 * to_step, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

// The four-by-four tiles of rows x columns: the last ones overlap those before. Needs four of each.
void transpose_all(const float* from, std::ptrdiff_t from_step, std::int64_t rows,
                   std::int64_t columns, float* to, std::ptrdiff_t to_step) {
  for (std::int64_t r = 0; r < rows; r += tile) {
    r = r + tile > rows ? rows - tile : r;
    for (std::int64_t c = 0; c < columns; c += tile) {
      c = c + tile > columns ? columns - tile : c;
      transpose(from + r * from_step + c, from_step, to + c * to_step + r, to_step);
    }
  }
}

}  // namespace

void interleave(const PlanarPixels& from, std::int32_t channels, std::int32_t lines,
                std::int32_t width, float* to, std::ptrdiff_t to_line, std::ptrdiff_t to_pixel) {
  for (std::int32_t y = 0; y < lines; ++y) {
    const float* line = from.data + y * from.line;
    float* const out = to + y * to_line;
    if (from.pixel == 1 && width >= tile && channels >= tile) {
      transpose_all(line, from.plane, channels, width, out, to_pixel);
      continue;
    }
    for (std::int32_t x = 0; x < width; ++x) {
      const float* pixel = line + x * from.pixel;
      for (std::int32_t c = 0; c < channels; ++c) {
        out[x * to_pixel + c] = pixel[c * from.plane];
      }
    }
  }
}

void separate(const float* from, std::ptrdiff_t from_pixel, std::int32_t channels,
              std::int64_t pixels, float* to) {
  if (pixels >= tile && channels >= tile) {
    transpose_all(from, from_pixel, pixels, channels, to, pixels);
    return;
  }
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int64_t p = 0; p < pixels; ++p) {
      to[c * pixels + p] = from[p * from_pixel + c];
    }
  }
}

}  // namespace softbeam::run
