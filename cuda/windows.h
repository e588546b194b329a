// Windows of many trials in one launch: launchers of the bodies in injectors/laid_window.h.
// Used by host/backend/cuda_backend.cpp and by tests; compiles with g++.
#pragma once

#include <cstdint>

#include "cuda/stream.h"
#include "injectors/laid_window.h"

namespace softbeam::gpu {

// Arrays of `count` windows in device memory; each has `channels` channels and at most
// `most_pixels` pixels. Both launchers queue kernels on the stream, on the current device, and do
// not wait. Throw GpuError if a kernel cannot be launched.

// Writes the windows. They must not overlap.
void lay_windows(const injectors::LaidWindow* windows, std::uint32_t count, std::int32_t channels,
                 std::int64_t most_pixels, StreamRef stream);

// Stores into boxes[i] the smallest rectangle, relative to window i, of the pixels in which a word
// of any channel differs; an empty one where none does.
void compare_windows(const injectors::ComparedWindow* windows, std::uint32_t count,
                     std::int32_t channels, std::int64_t most_pixels, injectors::Rect* boxes,
                     StreamRef stream);

}  // namespace softbeam::gpu
