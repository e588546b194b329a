#include "cuda/buffer.h"

#include "cuda/check.h"

namespace softbeam::gpu {

void FreePinned::operator()(void* memory) const noexcept { SB_CUDA_WARN(cudaFreeHost(memory)); }

void* allocate_pinned(std::size_t bytes) {
  void* memory = nullptr;
  SB_CUDA_ALLOCATE(cudaMallocHost(&memory, bytes), bytes);
  return memory;
}

}  // namespace softbeam::gpu
