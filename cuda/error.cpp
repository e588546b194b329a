#include "cuda/error.h"

#include <cstdio>
#include <string_view>

#include "cuda/check.h"

namespace softbeam::gpu {
namespace {

std::string describe(const std::string& status, const CallSite& where) {
  // Only the file's name: the folder is that of the machine that compiled it.
  std::string_view file = where.file;
  file.remove_prefix(file.rfind('/') + 1);
  return std::string(file) + ":" + std::to_string(where.line) + ": " + status + " in " + where.call;
}

std::string text_of(cudaError_t status) {
  return std::string(cudaGetErrorName(status)) + " (" + cudaGetErrorString(status) + ")";
}

std::string text_of(cudnnStatus_t status) {
  return std::string(cudnnGetErrorString(status)) + " (" + std::to_string(status) + ")";
}

void print(const std::string& text) { std::fprintf(stderr, "warning: %s\n", text.c_str()); }

}  // namespace

void fail(cudaError_t status, const CallSite& where) {
  cudaGetLastError();
  throw GpuError(status, describe(text_of(status), where));
}

void fail(cudnnStatus_t status, const CallSite& where) {
  cudaGetLastError();
  throw GpuError(status, describe(text_of(status), where));
}

void fail_allocation(cudaError_t status, const CallSite& where, std::size_t bytes) {
  cudaGetLastError();
  const std::string text =
      describe(text_of(status), where) + ", " + std::to_string(bytes) + " bytes asked";
  if (status == cudaErrorMemoryAllocation) throw OutOfMemory(status, text, bytes);
  throw GpuError(status, text);
}

void warn(cudaError_t status, const CallSite& where) noexcept {
  cudaGetLastError();
  // At exit the driver may be gone before our objects are; what they held is gone with it.
  if (status == cudaErrorCudartUnloading) return;
  print(describe(text_of(status), where));
}

void warn(cudnnStatus_t status, const CallSite& where) noexcept {
  cudaGetLastError();
  print(describe(text_of(status), where));
}

}  // namespace softbeam::gpu
