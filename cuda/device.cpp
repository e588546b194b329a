#include "cuda/device.h"

#include <fstream>

#include "cuda/check.h"

namespace softbeam::gpu {

Survey survey() {
  Survey found;
  cudaDriverGetVersion(&found.driver_version);
  cudaRuntimeGetVersion(&found.runtime_version);
  const cudaError_t status = cudaGetDeviceCount(&found.devices);
  cudaGetLastError();
  if (status != cudaSuccess) found.devices = 0;
  if (found.devices > 0) {
    found.state = State::usable;
  } else if (found.driver_version == 0) {
    // The runtime calls this an "insufficient driver", too.
    found.state = State::no_driver;
  } else if (status == cudaErrorInsufficientDriver) {
    found.state = State::driver_too_old;
  } else if (status == cudaSuccess || status == cudaErrorNoDevice) {
    found.state = State::no_device;
  } else {
    found.problem = std::string(cudaGetErrorName(status)) + ": " + cudaGetErrorString(status);
  }
  return found;
}

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string driver_release() {
  std::ifstream file("/sys/module/nvidia/version");
  std::string release;
  std::getline(file, release);
  return release;
}

DeviceProperties properties(int index) {
  cudaDeviceProp found{};
  SB_CUDA_CHECK(cudaGetDeviceProperties(&found, index));
  return {.name = found.name,
          .major = found.major,
          .minor = found.minor,
          .multiprocessors = found.multiProcessorCount,
          .memory_bytes = found.totalGlobalMem};
}

std::size_t free_memory() {
  std::size_t free = 0;
  std::size_t total = 0;
  SB_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return free;
}

void synchronize_device() { SB_CUDA_CHECK(cudaDeviceSynchronize()); }

DeviceScope::DeviceScope(int index) {
  SB_CUDA_CHECK(cudaGetDevice(&previous_));
  SB_CUDA_CHECK(cudaSetDevice(index));
}

DeviceScope::~DeviceScope() { SB_CUDA_WARN(cudaSetDevice(previous_)); }

}  // namespace softbeam::gpu
