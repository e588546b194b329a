// The window in which a row differs from golden, found on the CPU. Used by the sweep and regions.
#pragma once

#include <cstddef>

#include "injectors/window.h"

namespace softbeam::run {

// Bounding box, in image coordinates, of the words of [channels] x `rect` whose bits differ; empty
// if none does. `row` and `golden` point to the rect's first word; their lines and planes lie so
// many words apart.
injectors::Rect difference_box(const float* row, std::ptrdiff_t line, std::ptrdiff_t plane,
                               const float* golden, std::ptrdiff_t golden_line,
                               std::ptrdiff_t golden_plane, std::int32_t channels,
                               const injectors::Rect& rect);

}  // namespace softbeam::run
