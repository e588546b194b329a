#include "cuda/handle.h"

#include "cuda/check.h"

namespace softbeam::gpu {
namespace {

cudnnContext* make_cudnn() {
  cudnnHandle_t handle = nullptr;
  SB_CUDNN_CHECK(cudnnCreate(&handle));
  return handle;
}

}  // namespace

void DestroyCudnn::operator()(cudnnContext* handle) const noexcept {
  SB_CUDNN_WARN(cudnnDestroy(handle));
}

CudnnHandle::CudnnHandle() : handle_(make_cudnn()) {}

void CudnnHandle::use(StreamRef stream) {
  SB_CUDNN_CHECK(cudnnSetStream(handle_.get(), stream.handle()));
}

std::string cudnn_version() {
  const std::size_t version = cudnnGetVersion();
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000 / 100) + "." +
         std::to_string(version % 100);
}

}  // namespace softbeam::gpu
