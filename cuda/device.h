// Which GPUs there are, with which driver, and which one the calling thread uses.
// Used by host/backend and by tests; compiles with g++.
#pragma once

#include <cstddef>
#include <string>

namespace softbeam::gpu {

enum class State { usable, no_driver, driver_too_old, no_device, failed };

// What the runtime finds. Versions are CUDA's own: 13000 is 13.0; 0 where there is none.
struct Survey {
  State state = State::failed;
  int devices = 0;         // > 0 exactly when usable
  int driver_version = 0;  // the newest CUDA that the driver supports
  int runtime_version = 0;
  std::string problem;  // the runtime's own words, when failed
};

// Never throws. Creates no context.
Survey survey();

std::string version_text(int version);  // "13.0"
// Release of the kernel driver, "580.95.05"; empty where the system does not say.
std::string driver_release();

struct DeviceProperties {
  std::string name;
  int major = 0;  // compute capability
  int minor = 0;
  int multiprocessors = 0;
  std::size_t memory_bytes = 0;
};

// Precondition: 0 <= index < survey().devices. Throws GpuError.
DeviceProperties properties(int index);

// Bytes of the current device's memory that no process holds. Throws GpuError.
std::size_t free_memory();

// Waits for all work on the calling thread's device. Throws GpuError.
void synchronize_device();

// Makes a device the calling thread's current one until the end of the scope. Throws GpuError from
// the constructor; the destructor prints.
class DeviceScope {
 public:
  explicit DeviceScope(int index);
  ~DeviceScope();
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  int previous_ = 0;
};

}  // namespace softbeam::gpu
