#include "cuda/error.h"

#include <cstdio>
#include <string_view>

#include "cuda/check.h"

namespace softbeam::gpu {
namespace {

std::string describe(cudaError_t status, const CallSite& where) {
  // Only the file's name: the folder is that of the machine that compiled it.
  std::string_view file = where.file;
  file.remove_prefix(file.rfind('/') + 1);
  return std::string(file) + ":" + std::to_string(where.line) + ": " + cudaGetErrorName(status) +
         " (" + cudaGetErrorString(status) + ") in " + where.call;
}

}  // namespace

void fail(cudaError_t status, const CallSite& where) {
  cudaGetLastError();
  throw GpuError(status, describe(status, where));
}

void fail_allocation(cudaError_t status, const CallSite& where, std::size_t bytes) {
  cudaGetLastError();
  throw GpuError(status, describe(status, where) + ", " + std::to_string(bytes) + " bytes asked");
}

void warn(cudaError_t status, const CallSite& where) noexcept {
  cudaGetLastError();
  // At exit the driver may be gone before our objects are; what they held is gone with it.
  if (status == cudaErrorCudartUnloading) return;
  std::fprintf(stderr, "warning: %s\n", describe(status, where).c_str());
}

}  // namespace softbeam::gpu
