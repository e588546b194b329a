#include "cuda/memory.h"

#include "cuda/check.h"

namespace softbeam::gpu {
namespace {

class PlainMemory final : public DeviceMemory {
 public:
  void* allocate(std::size_t bytes, StreamRef /*stream*/) override {
    void* memory = nullptr;
    SB_CUDA_ALLOCATE(cudaMalloc(&memory, bytes), bytes);
    return memory;
  }

  void free(void* memory, std::size_t /*bytes*/, StreamRef /*stream*/) noexcept override {
    SB_CUDA_WARN(cudaFree(memory));
  }
};

}  // namespace

DeviceMemory& plain_memory() {
  static PlainMemory memory;
  return memory;
}

}  // namespace softbeam::gpu
