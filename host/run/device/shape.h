// Values as kernels see them: [channels][height][width] of 32-bit words. What is no image is one
// line of words.
#pragma once

#include <cstdint>

#include "host/run/wave/values.h"
#include "injectors/laid_window.h"

namespace softbeam::run {

struct WordShape {
  std::int32_t channels = 1;
  std::int32_t height = 1;
  std::int32_t width = 1;

  explicit WordShape(const WaveValue& value)
      : channels(value.image ? value.channels : 1),
        height(value.image ? value.height : 1),
        width(value.image ? value.width : static_cast<std::int32_t>(value.bytes() / 4)) {}

  injectors::Rect whole() const { return {{0, height}, {0, width}}; }
  std::int64_t plane() const { return std::int64_t{height} * width; }
  std::int64_t words() const { return channels * plane(); }
  // A whole sample that starts at `data`. Kernels take what they only read through it, too.
  injectors::Planes planes(const std::byte* data) const {
    return {reinterpret_cast<std::uint32_t*>(const_cast<std::byte*>(data)), width, plane()};
  }
};

// The same words from a rectangle's first pixel on.
inline injectors::Planes from(const injectors::Planes& image, const injectors::Rect& rect) {
  return {image.at(0, rect.y.first, rect.x.first), image.line, image.plane};
}

}  // namespace softbeam::run
