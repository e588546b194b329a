#include "cuda/stream.h"

#include "cuda/check.h"

namespace softbeam::gpu {
namespace {

CUstream_st* make_stream() {
  cudaStream_t handle = nullptr;
  SB_CUDA_CHECK(cudaStreamCreateWithFlags(&handle, cudaStreamNonBlocking));
  return handle;
}

CUevent_st* make_event() {
  cudaEvent_t handle = nullptr;
  SB_CUDA_CHECK(cudaEventCreate(&handle));
  return handle;
}

}  // namespace

void DestroyStream::operator()(CUstream_st* handle) const noexcept {
  SB_CUDA_WARN(cudaStreamDestroy(handle));
}

void DestroyEvent::operator()(CUevent_st* handle) const noexcept {
  SB_CUDA_WARN(cudaEventDestroy(handle));
}

Stream::Stream() : handle_(make_stream()) {}

Event::Event() : handle_(make_event()) {}

void Event::record(StreamRef stream) {
  SB_CUDA_CHECK(cudaEventRecord(handle_.get(), stream.handle()));
}

void Event::synchronize() const { SB_CUDA_CHECK(cudaEventSynchronize(handle_.get())); }

void Event::hold_back(StreamRef stream) const {
  SB_CUDA_CHECK(cudaStreamWaitEvent(stream.handle(), handle_.get()));
}

double Event::milliseconds_since(const Event& earlier) const {
  float milliseconds = 0.0F;
  SB_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, earlier.handle_.get(), handle_.get()));
  return milliseconds;
}

void copy_to_device(void* device, const void* host, std::size_t bytes, StreamRef stream) {
  SB_CUDA_CHECK(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream.handle()));
}

void copy_to_host(void* host, const void* device, std::size_t bytes, StreamRef stream) {
  SB_CUDA_CHECK(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream.handle()));
}

void synchronize(StreamRef stream) { SB_CUDA_CHECK(cudaStreamSynchronize(stream.handle())); }

}  // namespace softbeam::gpu
