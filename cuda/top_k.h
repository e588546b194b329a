// The best scores of rows in device memory: a launcher of the body in injectors/top_k.h.
// Used by the backend and by tests; compiles with g++.
#pragma once

#include <cstdint>

#include "cuda/stream.h"
#include "injectors/dtype.h"
#include "injectors/top_k.h"

namespace softbeam::gpu {

// Queues one kernel on the stream, on the current device, and does not wait. `scores` are
// [rows][classes] words of a floating-point type in device memory, and `best` is an array of `rows`
// elements there. Nothing is launched for 0 rows. Throws GpuError if the kernel cannot be launched,
// and std::invalid_argument for other types.
void find_top_scores(injectors::DType dtype, const void* scores, std::uint32_t rows,
                     std::int32_t classes, injectors::TopK* best, StreamRef stream);

}  // namespace softbeam::gpu
