// What a failed CUDA call throws.
// Thrown by every file of this folder; caught by host/backend.
#pragma once

#include <stdexcept>
#include <string>

namespace softbeam::gpu {

// The message reads "file:line: error name (text) in the call".
class GpuError : public std::runtime_error {
 public:
  GpuError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int code() const { return code_; }  // a cudaError_t

 private:
  int code_;
};

}  // namespace softbeam::gpu
