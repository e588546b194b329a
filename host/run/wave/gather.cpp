#include "host/run/wave/gather.h"

#include <algorithm>
#include <array>
#include <utility>

namespace softbeam::run {
namespace {

using injectors::Patch;
using injectors::Window;

// A width that is known when compiled turns each line into a few moves.
template <std::int32_t Width>
void copy_lines(const Patch& patch, std::int32_t channels) {
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t y = 0; y < patch.lines; ++y) {
      injectors::copy_line(patch, c, y, Width);
    }
  }
}

void copy_long_lines(const Patch& patch, std::int32_t channels) {
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t y = 0; y < patch.lines; ++y) {
      const float* from = patch.from + c * patch.from_plane + y * patch.from_line;
      std::copy_n(from, patch.width, patch.to + c * patch.to_plane + y * patch.to_line);
    }
  }
}

constexpr std::int32_t short_widths = 17;
using Copy = void (*)(const Patch&, std::int32_t);

template <std::size_t... Width>
constexpr std::array<Copy, sizeof...(Width)> copies(std::index_sequence<Width...>) {
  return {&copy_lines<static_cast<std::int32_t>(Width)>...};
}

void copy_patch(Patch patch, std::int32_t channels) {
  static constexpr auto table = copies(std::make_index_sequence<short_widths>{});
  if (patch.width == patch.from_line && patch.width == patch.to_line) {
    // Lines follow one another on both sides: each plane is one line.
    patch.width *= patch.lines;
    patch.lines = 1;
  }
  if (patch.width < short_widths) {
    table[static_cast<std::size_t>(patch.width)](patch, channels);
  } else {
    copy_long_lines(patch, channels);
  }
}

void fill(const Window& window, std::int32_t channels) {
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t y = 0; y < window.rect.height(); ++y) {
      std::fill_n(window.to + c * window.to_plane + y * window.to_line, window.rect.width(),
                  window.fill);
    }
  }
}

}  // namespace

void gather_window(const Window& window, std::int32_t channels) {
  const Patch row = injectors::row_patch(window);
  const bool covered = row.lines == window.rect.height() && row.width == window.rect.width();
  if (!covered) {
    if (injectors::overhangs(window)) {
      fill(window, channels);
    }
    copy_patch(injectors::golden_patch(window), channels);
  }
  copy_patch(row, channels);
}

void gather_pixels(const Window& window, std::int32_t channels, std::int32_t height,
                   std::int32_t width, std::int32_t stride_y, std::int32_t stride_x) {
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t y = 0; y < height; ++y) {
      float* to = window.to + c * window.to_plane + y * window.to_line;
      for (std::int32_t x = 0; x < width; ++x) {
        to[x] = injectors::value_at(window, c, window.rect.y.first + y * stride_y,
                                    window.rect.x.first + x * stride_x);
      }
    }
  }
}

}  // namespace softbeam::run
