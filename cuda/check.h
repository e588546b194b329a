// Checked calls of the CUDA runtime. Private to cuda/: the only header that shows CUDA types.
// Each policy also clears the runtime's last error, so that a later check cannot report it again.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace softbeam::gpu {

struct CallSite {
  const char* call;
  const char* file;
  int line;
};

[[noreturn]] void fail(cudaError_t status, const CallSite& where);
[[noreturn]] void fail_allocation(cudaError_t status, const CallSite& where, std::size_t bytes);
void warn(cudaError_t status, const CallSite& where) noexcept;

}  // namespace softbeam::gpu

#define SB_CUDA_POLICY_(call, action, ...)                                                        \
  do {                                                                                            \
    const cudaError_t sb_status = (call);                                                         \
    if (sb_status != cudaSuccess) {                                                               \
      ::softbeam::gpu::action(sb_status, {#call, __FILE__, __LINE__} __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                                             \
  } while (false)

// Throws GpuError.
#define SB_CUDA_CHECK(call) SB_CUDA_POLICY_(call, fail)
// Throws GpuError with the number of bytes asked for.
#define SB_CUDA_ALLOCATE(call, bytes) SB_CUDA_POLICY_(call, fail_allocation, bytes)
// Prints to stderr: for destructors.
#define SB_CUDA_WARN(call) SB_CUDA_POLICY_(call, warn)
