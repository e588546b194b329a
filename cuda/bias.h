// Adds the bias to a convolution's output in device memory: a launcher of injectors/bias.h.
// Used by cuda/conv and by tests; compiles with g++.
#pragma once

#include <cstdint>

#include "cuda/stream.h"
#include "injectors/bias.h"
#include "injectors/dtype.h"

namespace softbeam::gpu {

// Queues one kernel on the stream, on the current device, and does not wait. `data` are `words`
// words of images, `bias` one word a channel. Throws GpuError if the kernel cannot be launched,
// and std::invalid_argument for types that are no floating-point ones.
void add_bias(injectors::DType dtype, injectors::Channels channels, const void* bias, void* data,
              std::uint64_t words, StreamRef stream);

}  // namespace softbeam::gpu
