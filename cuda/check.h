// Checked calls of the CUDA runtime and of cuDNN. Private to cuda/: it shows CUDA types.
// Each policy also clears the runtime's last error, so that a later check cannot report it again.
#pragma once

#include <cuda_runtime_api.h>
#include <cudnn_graph.h>

#include <cstddef>

namespace softbeam::gpu {

struct CallSite {
  const char* call;
  const char* file;
  int line;
};

[[noreturn]] void fail(cudaError_t status, const CallSite& where);
[[noreturn]] void fail(cudnnStatus_t status, const CallSite& where);
// Throws OutOfMemory where memory ran out, and GpuError otherwise.
[[noreturn]] void fail_allocation(cudaError_t status, const CallSite& where, std::size_t bytes);
void warn(cudaError_t status, const CallSite& where) noexcept;
void warn(cudnnStatus_t status, const CallSite& where) noexcept;

constexpr bool failed(cudaError_t status) { return status != cudaSuccess; }
constexpr bool failed(cudnnStatus_t status) { return status != CUDNN_STATUS_SUCCESS; }

}  // namespace softbeam::gpu

#define SB_GPU_POLICY_(call, action, ...)                                                         \
  do {                                                                                            \
    const auto sb_status = (call);                                                                \
    if (::softbeam::gpu::failed(sb_status)) {                                                     \
      ::softbeam::gpu::action(sb_status, {#call, __FILE__, __LINE__} __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                                             \
  } while (false)

// Throws GpuError.
#define SB_CUDA_CHECK(call) SB_GPU_POLICY_(call, fail)
#define SB_CUDNN_CHECK(call) SB_GPU_POLICY_(call, fail)
// Throws with the number of bytes asked for.
#define SB_CUDA_ALLOCATE(call, bytes) SB_GPU_POLICY_(call, fail_allocation, bytes)
// Prints to stderr: for destructors.
#define SB_CUDA_WARN(call) SB_GPU_POLICY_(call, warn)
#define SB_CUDNN_WARN(call) SB_GPU_POLICY_(call, warn)
