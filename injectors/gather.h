// Windows of a faulty value: golden's content with a trial's row laid over it, and a fill outside
// of the image. Line by line, for the CPU's wave and the kernels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "injectors/host_device.h"
#include "injectors/window.h"

namespace softbeam::injectors {

// A rectangle of pixels of all channels that is copied from one place to another.
struct Patch {
  const float* from = nullptr;
  float* to = nullptr;
  std::ptrdiff_t from_line = 0;  // elements from one line to the next
  std::ptrdiff_t from_plane = 0;
  std::ptrdiff_t to_line = 0;
  std::ptrdiff_t to_plane = 0;
  std::int32_t lines = 0;
  std::int32_t width = 0;
};

// Copies line `y` of channel `c`. `width` is the patch's own: a constant where the caller knows it.
SB_HD inline void copy_line(const Patch& patch, std::ptrdiff_t c, std::ptrdiff_t y,
                            std::int32_t width) {
  const float* from = patch.from + c * patch.from_plane + y * patch.from_line;
  float* to = patch.to + c * patch.to_plane + y * patch.to_line;
  for (std::int32_t x = 0; x < width; ++x) {
    to[x] = from[x];
  }
}

struct Window {
  Rect rect;                      // of the image; it may reach outside
  const float* golden = nullptr;  // [channels][height][width]
  std::int32_t height = 0;
  std::int32_t width = 0;
  Rect row_rect;               // within the image
  const float* row = nullptr;  // [channels][row_rect]; null: golden's own content
  float fill = 0.0F;
  float* to = nullptr;
  std::ptrdiff_t to_line = 0;
  std::ptrdiff_t to_plane = 0;
};

// True if part of the window lies outside of the image.
SB_HD constexpr bool overhangs(const Window& window) {
  const Rect image{{0, window.height}, {0, window.width}};
  return intersected(window.rect, image) != window.rect;
}

// Golden's part of the window, or the row's: `part` lies within the source and the window.
SB_HD constexpr Patch patch_of(const Window& window, const Rect& part, const float* source,
                               const Rect& source_rect) {
  Patch patch;
  patch.from_line = source_rect.width();
  patch.from_plane = static_cast<std::ptrdiff_t>(source_rect.area());
  patch.from = source + (part.y.first - source_rect.y.first) * patch.from_line +
               (part.x.first - source_rect.x.first);
  patch.to_line = window.to_line;
  patch.to_plane = window.to_plane;
  patch.to = window.to + (part.y.first - window.rect.y.first) * patch.to_line +
             (part.x.first - window.rect.x.first);
  patch.lines = part.height();
  patch.width = part.width();
  return patch;
}

SB_HD constexpr Patch golden_patch(const Window& window) {
  const Rect image{{0, window.height}, {0, window.width}};
  const Rect part = intersected(window.rect, image);
  return part.empty() ? Patch{} : patch_of(window, part, window.golden, image);
}

SB_HD constexpr Patch row_patch(const Window& window) {
  if (window.row == nullptr) return {};
  const Rect part = intersected(window.rect, window.row_rect);
  return part.empty() ? Patch{} : patch_of(window, part, window.row, window.row_rect);
}

// Writes line `y` of the window in channel `c`: fill, golden, row. The body of the gather kernel.
SB_HD inline void gather_line(const Window& window, std::ptrdiff_t c, std::int32_t y) {
  float* to = window.to + c * window.to_plane + y * window.to_line;
  for (std::int32_t x = 0; x < window.rect.width(); ++x) {
    to[x] = window.fill;
  }
  const std::int32_t image_y = window.rect.y.first + y;
  const Patch golden = golden_patch(window);
  const std::int32_t first = window.rect.y.first < 0 ? 0 : window.rect.y.first;
  if (image_y >= first && image_y < first + golden.lines) {
    copy_line(golden, c, image_y - first, golden.width);
  }
  const Patch row = row_patch(window);
  const std::int32_t row_first =
      window.rect.y.first > window.row_rect.y.first ? window.rect.y.first : window.row_rect.y.first;
  if (image_y >= row_first && image_y < row_first + row.lines) {
    copy_line(row, c, image_y - row_first, row.width);
  }
}

// One pixel of the image as the trial sees it: for operators that read pixels apart.
SB_HD constexpr float value_at(const Window& window, std::ptrdiff_t c, std::int32_t y,
                               std::int32_t x) {
  const Rect& r = window.row_rect;
  if (window.row != nullptr && y >= r.y.first && y < r.y.last && x >= r.x.first && x < r.x.last) {
    return window.row[(c * r.height() + (y - r.y.first)) * r.width() + (x - r.x.first)];
  }
  if (y < 0 || y >= window.height || x < 0 || x >= window.width) return window.fill;
  return window.golden[(c * window.height + y) * window.width + x];
}

}  // namespace softbeam::injectors
