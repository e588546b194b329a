#include "cuda/survivors.h"

#include <thrust/device_ptr.h>
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/system_error.h>

#include <cstddef>

#include "cuda/check.h"
#include "cuda/error.h"
#include "cuda/survivors_algorithm.h"

namespace softbeam::gpu {
namespace {

// Thrust's working memory, from the pool that serves all others.
class WorkingMemory {
 public:
  using value_type = char;
  WorkingMemory(DeviceMemory& memory, StreamRef stream) : memory_(&memory), stream_(stream) {}
  char* allocate(std::ptrdiff_t bytes) {
    return static_cast<char*>(memory_->allocate(static_cast<std::size_t>(bytes), stream_));
  }
  void deallocate(char* memory, std::size_t bytes) { memory_->free(memory, bytes, stream_); }

 private:
  DeviceMemory* memory_;
  StreamRef stream_;
};

}  // namespace

std::uint32_t find_survivors(const injectors::Rect* boxes, std::uint32_t rows, std::uint32_t* kept,
                             DeviceMemory& memory, StreamRef stream) {
  if (rows == 0) return 0;
  WorkingMemory working(memory, stream);
  try {
    return keep_survivors(thrust::cuda::par(working).on(stream.handle()), boxes, rows, kept);
  } catch (const thrust::system_error& error) {
    fail(static_cast<cudaError_t>(error.code().value()), {"keep_survivors", __FILE__, __LINE__});
  }
}

}  // namespace softbeam::gpu
