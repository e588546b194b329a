// Gathers windows on the CPU, in the order and speed that short lines want. Used by convolution and
// pooling.
#pragma once

#include "injectors/gather.h"

namespace softbeam::run {

// All lines of all channels.
void gather_window(const injectors::Window& window, std::int32_t channels);

// The pixels (y * stride_y, x * stride_x) of the window that starts at its rect: [height][width] of
// them, `to_line` apart. For 1x1 kernels.
void gather_pixels(const injectors::Window& window, std::int32_t channels, std::int32_t height,
                   std::int32_t width, std::int32_t stride_y, std::int32_t stride_x);

}  // namespace softbeam::run
