// Images between the layout of tensors, plane after plane, and that of our own kernels, in which
// the channels of a pixel follow one another. Used by own chunks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace softbeam::run {

// Pixels of `lines` x `width`: where the first one lies, words from line to line, pixel to pixel
// and channel to channel.
struct PlanarPixels {
  const float* data = nullptr;
  std::ptrdiff_t line = 0;
  std::ptrdiff_t pixel = 1;
  std::ptrdiff_t plane = 0;
};

// Writes them with their channels together; `to_line` and `to_pixel` words apart.
void interleave(const PlanarPixels& from, std::int32_t channels, std::int32_t lines,
                std::int32_t width, float* to, std::ptrdiff_t to_line, std::ptrdiff_t to_pixel);

// The way back for pixels in a row: `from` has them `from_pixel` words apart; planes follow one
// another.
void separate(const float* from, std::ptrdiff_t from_pixel, std::int32_t channels,
              std::int64_t pixels, float* to);

}  // namespace softbeam::run
