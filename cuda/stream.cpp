#include "cuda/stream.h"

#include "cuda/check.h"

namespace softbeam::gpu {

void copy_to_device(void* device, const void* host, std::size_t bytes, StreamRef stream) {
  SB_CUDA_CHECK(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream.handle()));
}

void copy_to_host(void* host, const void* device, std::size_t bytes, StreamRef stream) {
  SB_CUDA_CHECK(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream.handle()));
}

void synchronize(StreamRef stream) { SB_CUDA_CHECK(cudaStreamSynchronize(stream.handle())); }

}  // namespace softbeam::gpu
