// Windows for kernels: what one step lays into a tensor, and what it compares afterwards. One body
// for the CPU and the GPU, a pixel of one channel at a time.
#pragma once

#include <cstdint>

#include "injectors/divide.h"
#include "injectors/host_device.h"
#include "injectors/window.h"

namespace softbeam::injectors {

// Words of [channels][lines][columns], lines and planes so many words apart. Words are copied, not
// computed with: a NaN keeps its payload. Word is the unsigned integer of their size.
//
// An image whose channels stand together (NHWC) is one plane whose columns are words: what is said
// of columns is multiplied by its channels.
template <class Word>
struct PlanesOf {
  Word* data = nullptr;
  std::int64_t line = 0;
  std::int64_t plane = 0;

  SB_HD constexpr Word* at(std::int64_t channel, std::int32_t y, std::int32_t x) const {
    return data + channel * plane + y * line + x;
  }
};

struct Pixel {
  std::int64_t channel = 0;
  std::int32_t y = 0;
  std::int32_t x = 0;
};

// Of word `i` of [channels][lines][columns].
SB_HD constexpr Pixel pixel_of(std::int64_t i, std::int32_t lines, std::int32_t columns) {
  const Divided line = divided(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(columns));
  const Divided plane = divided(line.quotient, static_cast<std::uint64_t>(lines));
  return {static_cast<std::int64_t>(plane.quotient), static_cast<std::int32_t>(plane.rest),
          static_cast<std::int32_t>(line.rest)};
}

// One window to be laid: pixel (y, x) of the result is pixel (first.y + y * step.y, ...) of the
// image as a trial sees it, its row over golden, and `fill` outside of the image.
template <class Word>
struct LaidWindowOf {
  PlanesOf<Word> to;
  std::int32_t lines = 0;  // of the result
  std::int32_t columns = 0;
  std::int32_t first_y = 0;
  std::int32_t first_x = 0;
  std::int32_t step_y = 1;
  std::int32_t step_x = 1;
  PlanesOf<Word> golden;
  std::int32_t height = 0;  // of the image
  std::int32_t width = 0;
  const Word* row = nullptr;  // [channels][row_rect]; null: golden's own content
  Rect row_rect;
  Word fill = 0;
};

template <class Word>
SB_HD constexpr Word word_seen(const LaidWindowOf<Word>& window, std::int64_t channel,
                               std::int32_t y, std::int32_t x) {
  const Rect& r = window.row_rect;
  if (window.row != nullptr && y >= r.y.first && y < r.y.last && x >= r.x.first && x < r.x.last) {
    return window.row[(channel * r.height() + (y - r.y.first)) * r.width() + (x - r.x.first)];
  }
  if (y < 0 || y >= window.height || x < 0 || x >= window.width) return window.fill;
  return *window.golden.at(channel, y, x);
}

// Writes pixel `i` of [channels][lines][columns]. The body of the laying kernel.
template <class Word>
SB_HD constexpr void lay_word(const LaidWindowOf<Word>& window, std::int64_t i) {
  const Pixel p = pixel_of(i, window.lines, window.columns);
  *window.to.at(p.channel, p.y, p.x) =
      word_seen(window, p.channel, window.first_y + p.y * window.step_y,
                window.first_x + p.x * window.step_x);
}

// Two windows of [lines][columns] pixels that are compared word by word.
template <class Word>
struct ComparedWindowOf {
  PlanesOf<Word> row;
  PlanesOf<Word> golden;
  std::int32_t lines = 0;
  std::int32_t columns = 0;
};

template <class Word>
SB_HD constexpr bool differs_at(const ComparedWindowOf<Word>& window, std::int64_t channel,
                                std::int32_t y, std::int32_t x) {
  return *window.row.at(channel, y, x) != *window.golden.at(channel, y, x);
}

// The box that no pixel has entered: minima at the far end, maxima at the near one.
template <class Word>
SB_HD constexpr Rect no_pixels(const ComparedWindowOf<Word>& window) {
  return {{window.lines, 0}, {window.columns, 0}};
}

// The least box around both; no_pixels() of the same window is neutral.
SB_HD constexpr Rect around(const Rect& a, const Rect& b) {
  return {
      {a.y.first < b.y.first ? a.y.first : b.y.first, a.y.last > b.y.last ? a.y.last : b.y.last},
      {a.x.first < b.x.first ? a.x.first : b.x.first, a.x.last > b.x.last ? a.x.last : b.x.last}};
}

// Stretches the box over word `i` of [channels][lines][columns] if it differs. The body of the
// comparing kernel: minima and maxima know no order, so any grid finds the same box.
template <class Word>
SB_HD constexpr void stretch_over_word(const ComparedWindowOf<Word>& window, std::int64_t i,
                                       Rect& box) {
  const Pixel p = pixel_of(i, window.lines, window.columns);
  if (!differs_at(window, p.channel, p.y, p.x)) return;
  box = around(box, Rect{{p.y, p.y + 1}, {p.x, p.x + 1}});
}

// float32, which the wave computes in.
using Planes = PlanesOf<std::uint32_t>;
using LaidWindow = LaidWindowOf<std::uint32_t>;
using ComparedWindow = ComparedWindowOf<std::uint32_t>;

}  // namespace softbeam::injectors
