// Windows of many trials in one launch: launchers of the bodies in injectors/laid_window.h and
// injectors/census.h. Used by host/backend/cuda_backend.cpp and by tests; compiles with g++.
#pragma once

#include <cstdint>

#include "cuda/stream.h"
#include "injectors/census.h"
#include "injectors/laid_window.h"

namespace softbeam::gpu {

// Arrays of `count` windows in device memory; each has `channels` channels and at most
// `most_pixels` pixels. All launchers queue kernels on the stream, on the current device, and do
// not wait. Throw GpuError if a kernel cannot be launched. Word is std::uint8_t, uint16_t, uint32_t
// or uint64_t: the unsigned integer of an element's size.

// Writes the windows: golden's content with rows over it, and so also rows of golden, windows
// scattered into canvases, and results cut out of them. They must not overlap.
template <class Word>
void lay_windows(const injectors::LaidWindowOf<Word>* windows, std::uint32_t count,
                 std::int32_t channels, std::int64_t most_pixels, StreamRef stream);

// Stores into boxes[i] the smallest rectangle, relative to window i, of the pixels in which a word
// of any channel differs; an empty one where none does.
template <class Word>
void compare_windows(const injectors::ComparedWindowOf<Word>* windows, std::uint32_t count,
                     std::int32_t channels, std::int64_t most_pixels, injectors::Rect* boxes,
                     StreamRef stream);

// Stores into census[i] how many words of window i are not finite. `fields` are those of the words'
// type.
template <class Word>
void count_nonfinite(const injectors::ComparedWindowOf<Word>* windows, std::uint32_t count,
                     std::int32_t channels, std::int64_t most_pixels,
                     const injectors::FloatFields& fields, injectors::Census* census,
                     StreamRef stream);

}  // namespace softbeam::gpu
