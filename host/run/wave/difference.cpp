#include "host/run/wave/difference.h"

#include <cstdint>
#include <cstring>

#include "injectors/difference.h"

namespace softbeam::run {
namespace {

using injectors::Rect;
using injectors::Span;

// Floats are compared as the words that they are stored in.
using Bits [[gnu::may_alias]] = std::uint32_t;

const Bits* bits(const float* data) { return reinterpret_cast<const Bits*>(data); }

struct Four {
  std::uint64_t low;
  std::uint64_t high;
};

bool four_differ(const float* a, const float* b) {
  Four x;
  Four y;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return ((x.low ^ y.low) | (x.high ^ y.high)) != 0;
}

// Lines are mostly shorter than a call of memcmp is worth; the last four words overlap.
bool lines_differ(const float* a, const float* b, std::int32_t count) {
  if (count > 32) {
    return std::memcmp(a, b, static_cast<std::size_t>(count) * sizeof(float)) != 0;
  }
  if (count < 4) {
    bool differ = false;
    for (std::int32_t i = 0; i < count; ++i) {
      differ = differ || bits(a)[i] != bits(b)[i];
    }
    return differ;
  }
  for (std::int32_t i = 0; i + 4 < count; i += 4) {
    if (four_differ(a + i, b + i)) {
      return true;
    }
  }
  return four_differ(a + count - 4, b + count - 4);
}

bool single_pixels_differ(const float* row, std::ptrdiff_t plane, const float* golden,
                          std::ptrdiff_t golden_plane, std::int32_t channels) {
  if (plane == 1 && golden_plane == 1) {
    return std::memcmp(row, golden, static_cast<std::size_t>(channels) * sizeof(float)) != 0;
  }
  for (std::int32_t c = 0; c < channels; ++c) {
    if (bits(row)[c * plane] != bits(golden)[c * golden_plane]) {
      return true;
    }
  }
  return false;
}

}  // namespace

Rect difference_box(const float* row, std::ptrdiff_t line, std::ptrdiff_t plane,
                    const float* golden, std::ptrdiff_t golden_line, std::ptrdiff_t golden_plane,
                    std::int32_t channels, const Rect& rect) {
  const std::int32_t height = rect.height();
  const std::int32_t width = rect.width();
  if (height == 1 && width == 1) {
    return single_pixels_differ(row, plane, golden, golden_plane, channels) ? rect : Rect{};
  }
  const bool whole_lines = line == width && golden_line == width;
  Span y;
  Span x;
  for (std::int32_t c = 0; c < channels; ++c) {
    const float* const a = row + c * plane;
    const float* const b = golden + c * golden_plane;
    if (whole_lines && std::memcmp(a, b, static_cast<std::size_t>(rect.area()) * 4) == 0) {
      continue;
    }
    for (std::int32_t l = 0; l < height; ++l) {
      const bool line_known = l >= y.first && l < y.last;
      if (line_known && x.size() == width) {
        l = y.last - 1;  // nothing new between the lines that are known
        continue;
      }
      if (!lines_differ(a + l * line, b + l * golden_line, width)) {
        continue;
      }
      x = injectors::widened(x, bits(a + l * line), bits(b + l * golden_line), width);
      y = united(y, {l, l + 1});
    }
    if (x.size() == width && y.size() == height) {
      return rect;
    }
  }
  if (y.empty()) {
    return {};
  }
  return {{rect.y.first + y.first, rect.y.first + y.last},
          {rect.x.first + x.first, rect.x.first + x.last}};
}

}  // namespace softbeam::run
