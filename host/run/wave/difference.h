// The bounding box of what differs between a row and golden, bit for bit.
#pragma once

#include <cstddef>

#include "injectors/window.h"

namespace softbeam::run {

// `row` is [channels][rect.height][rect.width], lines and planes so many floats apart; `golden`
// points to the rect's first pixel in golden's image. The box is in the image's coordinates; empty
// if nothing differs.
injectors::Rect difference_box(const float* row, std::ptrdiff_t row_line, std::ptrdiff_t row_plane,
                               const float* golden, std::ptrdiff_t golden_line,
                               std::ptrdiff_t golden_plane, std::int32_t channels,
                               const injectors::Rect& rect);

}  // namespace softbeam::run
