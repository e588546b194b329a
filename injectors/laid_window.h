// Windows for kernels: what one step lays into a tensor, and what it compares afterwards. One body
// for the CPU and the GPU, a pixel of one channel at a time.
#pragma once

#include <cstdint>

#include "injectors/host_device.h"
#include "injectors/window.h"

namespace softbeam::injectors {

// Words of [channels][lines][columns], lines and planes so many words apart. Words are copied, not
// computed with: a NaN keeps its payload.
struct Planes {
  std::uint32_t* data = nullptr;
  std::int64_t line = 0;
  std::int64_t plane = 0;

  SB_HD constexpr std::uint32_t* at(std::int64_t channel, std::int32_t y, std::int32_t x) const {
    return data + channel * plane + y * line + x;
  }
};

// One window to be laid: pixel (y, x) of the result is pixel (first.y + y * step.y, ...) of the
// image as a trial sees it, its row over golden, and `fill` outside of the image.
struct LaidWindow {
  Planes to;
  std::int32_t lines = 0;  // of the result
  std::int32_t columns = 0;
  std::int32_t first_y = 0;
  std::int32_t first_x = 0;
  std::int32_t step_y = 1;
  std::int32_t step_x = 1;
  Planes golden;
  std::int32_t height = 0;  // of the image
  std::int32_t width = 0;
  const std::uint32_t* row = nullptr;  // [channels][row_rect]; null: golden's own content
  Rect row_rect;
  std::uint32_t fill = 0;
};

SB_HD constexpr std::uint32_t word_seen(const LaidWindow& window, std::int64_t channel,
                                        std::int32_t y, std::int32_t x) {
  const Rect& r = window.row_rect;
  if (window.row != nullptr && y >= r.y.first && y < r.y.last && x >= r.x.first && x < r.x.last) {
    return window.row[(channel * r.height() + (y - r.y.first)) * r.width() + (x - r.x.first)];
  }
  if (y < 0 || y >= window.height || x < 0 || x >= window.width) return window.fill;
  return *window.golden.at(channel, y, x);
}

// Writes pixel `i` of [channels][lines][columns]. The body of the laying kernel.
SB_HD inline void lay_word(const LaidWindow& window, std::int64_t i) {
  const std::int64_t area = std::int64_t{window.lines} * window.columns;
  const std::int64_t channel = i / area;
  const auto pixel = static_cast<std::int32_t>(i % area);
  const std::int32_t y = pixel / window.columns;
  const std::int32_t x = pixel % window.columns;
  *window.to.at(channel, y, x) = word_seen(window, channel, window.first_y + y * window.step_y,
                                           window.first_x + x * window.step_x);
}

// Two windows of [lines][columns] pixels that are compared word by word.
struct ComparedWindow {
  Planes row;
  Planes golden;
  std::int32_t lines = 0;
  std::int32_t columns = 0;
};

SB_HD constexpr bool differs_at(const ComparedWindow& window, std::int64_t channel, std::int32_t y,
                                std::int32_t x) {
  return *window.row.at(channel, y, x) != *window.golden.at(channel, y, x);
}

}  // namespace softbeam::injectors
