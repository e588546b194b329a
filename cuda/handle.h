// An owned cuDNN handle: cuDNN's context on one device, used by one thread at a time.
// Used by cuda/conv; compiles with g++.
#pragma once

#include <memory>
#include <string>

#include "cuda/stream.h"

struct cudnnContext;  // what cudnnHandle_t points to

namespace softbeam::gpu {

struct DestroyCudnn {
  void operator()(cudnnContext* handle) const noexcept;  // prints a failure, never throws
};

class CudnnHandle {
 public:
  CudnnHandle();  // on the current device; throws GpuError
  cudnnContext* get() const { return handle_.get(); }

  // Later calls queue their work there. Throws GpuError.
  void use(StreamRef stream);

 private:
  std::unique_ptr<cudnnContext, DestroyCudnn> handle_;
};

// "9.19.0", of the library that is loaded. Never throws; needs no GPU.
std::string cudnn_version();

}  // namespace softbeam::gpu
