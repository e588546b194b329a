// What a failed call of the CUDA runtime or of cuDNN throws.
// Thrown by every file of this folder; caught by host/backend.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace softbeam::gpu {

// The message reads "file:line: error name (text) in the call".
class GpuError : public std::runtime_error {
 public:
  GpuError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int code() const { return code_; }  // a cudaError_t or a cudnnStatus_t

 private:
  int code_;
};

// Device or pinned memory ran out: a caller may go on with less.
class OutOfMemory : public GpuError {
 public:
  OutOfMemory(int code, const std::string& message, std::size_t bytes)
      : GpuError(code, message), bytes_(bytes) {}
  std::size_t bytes() const { return bytes_; }  // asked for

 private:
  std::size_t bytes_;
};

}  // namespace softbeam::gpu
