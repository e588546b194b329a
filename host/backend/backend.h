// The seam between softbeam and a device: where tensors live and how words are struck in place.
// Implemented by cpu_backend.cpp and cuda_backend.cpp (its twin no_cuda_backend.cpp says what is
// missing in a build without CUDA). Used by execute and run.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <string>

#include "injectors/corruption.h"
#include "injectors/laid_window.h"

namespace softbeam::backend {

class Backend {
 public:
  virtual ~Backend() = default;

  virtual at::Device device() const = 0;
  // What ran it, for the record: "cpu AVX512" or "NVIDIA H200, driver 580.95, CUDA 13.0,
  // cuDNN 9.19, TF32 off".
  virtual std::string description() const = 0;

  // Strikes words of the tensor's memory in place, in order with the work already queued, then
  // reads every word back. Strike offsets count words from tensor.data_ptr(); they are distinct
  // (checked; throws RunError) and inside the tensor's storage (checked). effects.size() ==
  // strikes.size(). Returns when the effects are on the host.
  virtual void corrupt(const at::Tensor& tensor, std::span<const injectors::Strike> strikes,
                       std::span<injectors::Effect> effects) = 0;

  // Lays windows of `channels` channels into the device's memory, in order with the work already
  // queued; returns at once. Windows must not overlap, and what they read lies on the device.
  virtual void lay(std::span<const injectors::LaidWindow> windows, std::int32_t channels) = 0;

  // boxes[i]: the smallest rectangle, relative to window i, of the pixels in which a word of any
  // channel differs; empty where none does. Returns when the boxes are on the host.
  virtual void compare(std::span<const injectors::ComparedWindow> windows, std::int32_t channels,
                       std::span<injectors::Rect> boxes) = 0;

  // Bytes of the device's memory that nobody holds; UINT64_MAX on a CPU, which nobody asks.
  virtual std::uint64_t free_memory() = 0;

  // Waits for all queued work. A no-op on a CPU.
  virtual void synchronize() = 0;
};

// `device` is "cpu", "cuda" or "cuda:N". Throws UsageError for any other text and DeviceError when
// the device is not there, not usable, or this build has no CUDA: never a silent fallback.
// `tf32`: convolutions and matrix products of float32 may round their operands to TF32; UsageError
// for a CPU, which has no such thing.
std::unique_ptr<Backend> make_backend(const std::string& device, bool tf32 = false);

}  // namespace softbeam::backend
