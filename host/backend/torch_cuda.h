// Private to host/backend: loads the GPU half of LibTorch on demand.
// Used by cuda_backend.cpp.
#pragma once

namespace softbeam::backend {

// Loads libtorch_cuda from beside the libtorch_cpu of this process and keeps it for good; a second
// call does nothing. Must run before anything asks ATen for CUDA, since ATen keeps its first
// answer (so at::manual_seed must not come first). Throws DeviceError if it cannot be loaded or
// came too late.
void load_torch_cuda();

}  // namespace softbeam::backend
