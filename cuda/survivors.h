// Compacts the rows that still differ from golden; the others are dropped.
// Used by the backend and by tests; compiles with g++.
#pragma once

#include <cstdint>

#include "cuda/memory.h"
#include "cuda/stream.h"
#include "injectors/window.h"

namespace softbeam::gpu {

// Writes the ids of the rows whose box, made by compare_windows(), is not empty to kept[0 ..], in
// ascending order, and returns how many there are. Both arrays have `rows` elements in memory of
// the current device. Waits for the stream: the number decides what is launched next. Working
// memory comes from `memory`. Throws GpuError.
std::uint32_t find_survivors(const injectors::Rect* boxes, std::uint32_t rows, std::uint32_t* kept,
                             DeviceMemory& memory, StreamRef stream);

}  // namespace softbeam::gpu
