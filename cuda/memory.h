// The seam through which this folder gets device memory, so that one pool serves the process.
// Implemented over LibTorch's caching allocator by host/, and by plain_memory() without torch.
#pragma once

#include <cstddef>

#include "cuda/stream.h"

namespace softbeam::gpu {

class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;

  // Uninitialised bytes on the current device, aligned to 256, for work on this stream; never null
  // for bytes > 0. Throws OutOfMemory. A pool may hand out again what work queued before on the
  // same stream still uses: memory that another stream touches is kept until that stream has
  // passed.
  virtual void* allocate(std::size_t bytes, StreamRef stream) = 0;

  // Gives back what allocate() gave with the same arguments. Prints failures.
  virtual void free(void* memory, std::size_t bytes, StreamRef stream) noexcept = 0;
};

// cudaMalloc and cudaFree; freeing waits for the device. For tests and for what lives long.
DeviceMemory& plain_memory();

}  // namespace softbeam::gpu
