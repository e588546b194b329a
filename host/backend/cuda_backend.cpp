// The one file of host/ that includes cuda/.
#include "host/backend/cuda_backend.h"

#include <ATen/Context.h>
#include <c10/cuda/CUDAStream.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "cuda/device.h"
#include "cuda/error.h"
#include "cuda/inject.h"
#include "cuda/stream.h"
#include "cuda/upload.h"
#include "cuda/windows.h"
#include "host/backend/strike_check.h"
#include "host/backend/torch_cuda.h"
#include "host/base/error.h"

namespace softbeam::backend {
namespace {

using injectors::ComparedWindow;
using injectors::Effect;
using injectors::LaidWindow;
using injectors::Rect;
using injectors::Strike;

// Why no GPU can be used, and what to do; empty where some can.
std::string problem(const gpu::Survey& found) {
  const std::string runtime = gpu::version_text(found.runtime_version);
  switch (found.state) {
    case gpu::State::usable:
      return {};
    case gpu::State::no_driver:
      return fmt::format("no NVIDIA driver was found; install one that supports CUDA {}", runtime);
    case gpu::State::driver_too_old:
      return fmt::format(
          "the NVIDIA driver supports CUDA {} and this build needs CUDA {}; update "
          "the driver",
          gpu::version_text(found.driver_version), runtime);
    case gpu::State::no_device:
      return "the NVIDIA driver finds no GPU; check nvidia-smi and CUDA_VISIBLE_DEVICES";
    case gpu::State::failed:
      break;
  }
  return fmt::format("the NVIDIA driver answers {}; check nvidia-smi", found.problem);
}

std::string driver_text(const gpu::Survey& found) {
  const std::string release = gpu::driver_release();
  return release.empty() ? "for CUDA " + gpu::version_text(found.driver_version) : release;
}

void check_index(int index) {
  const gpu::Survey found = gpu::survey();
  if (const std::string why = problem(found); !why.empty()) {
    throw DeviceError("CUDA is not available: " + why + ", or use the device cpu");
  }
  if (index < found.devices) return;
  throw DeviceError(fmt::format(
      "there is no device cuda:{} (this machine has {}); use {}", index,
      found.devices == 1 ? "one GPU" : fmt::format("{} GPUs", found.devices),
      found.devices == 1 ? "cuda:0" : fmt::format("cuda:0 to cuda:{}", found.devices - 1)));
}

// The first use creates the context: a busy, exclusive or too old device shows up here.
void check_usable(int index) {
  bool has_code = false;
  try {
    const gpu::DeviceScope scope(index);
    gpu::synchronize_device();
    has_code = gpu::has_code_for_current_device();
  } catch (const gpu::GpuError& error) {
    throw DeviceError(
        fmt::format("cuda:{} cannot be used ({}); check nvidia-smi", index, error.what()));
  }
  if (has_code) return;
  const gpu::DeviceProperties device = gpu::properties(index);
  throw DeviceError(
      fmt::format("cuda:{} cannot be used (this build has no code for {}, sm_{}{}); "
                  "add its architecture to -DSB_CUDA_ARCHITECTURES",
                  index, device.name, device.major, device.minor));
}

// A fault must be the only difference between two runs: no algorithm chosen by timing, and TF32
// only where it was asked for.
void fix_numerics(bool tf32) {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuBLAS(tf32);
  context.setAllowTF32CuDNN(tf32);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
}

template <class Window>
std::int64_t most_pixels(std::span<const Window> windows) {
  std::int64_t most = 0;
  for (const Window& window : windows) {
    most = std::max(most, std::int64_t{window.lines} * window.columns);
  }
  return most;
}

class CudaBackend final : public Backend {
 public:
  CudaBackend(int index, bool tf32) : index_(index), tf32_(tf32) {}

  at::Device device() const override { return {at::kCUDA, static_cast<at::DeviceIndex>(index_)}; }

  std::string description() const override {
    const gpu::Survey found = gpu::survey();
    const long cudnn = at::Context::versionRuntimeCuDNN();
    return fmt::format("{}, driver {}, CUDA {}, cuDNN {}.{}, TF32 {}", gpu::properties(index_).name,
                       driver_text(found), gpu::version_text(found.runtime_version), cudnn / 10000,
                       cudnn % 10000 / 100, tf32_ ? "on" : "off");
  }

  void corrupt(const at::Tensor& tensor, std::span<const Strike> strikes,
               std::span<Effect> effects) override {
    const int bytes = check_strikes(tensor, device(), strikes, effects);
    if (strikes.empty()) return;
    const gpu::DeviceScope scope(index_);  // the caller may be a thread that never chose a device
    const gpu::StreamRef stream = this->stream();
    const gpu::DeviceWords words{.data = tensor.mutable_data_ptr(), .word_bytes = bytes};
    const std::scoped_lock lock(mutex_);
    upload_.make_room(strikes.size_bytes() + effects.size_bytes(), stream);
    Effect* const results = upload_.results<Effect>(effects.size(), stream);
    const Strike* const on_device = upload_(strikes, stream);
    gpu::strike_words(words, on_device, results, strikes.size(), stream);
    gpu::read_back_words(words, on_device, results, strikes.size(), stream);
    take(results, effects, stream);
  }

  void lay(std::span<const LaidWindow> windows, std::int32_t channels) override {
    const gpu::DeviceScope scope(index_);
    const gpu::StreamRef stream = this->stream();
    const std::scoped_lock lock(mutex_);
    gpu::lay_windows(upload_(windows, stream), static_cast<std::uint32_t>(windows.size()), channels,
                     most_pixels(windows), stream);
  }

  void compare(std::span<const ComparedWindow> windows, std::int32_t channels,
               std::span<Rect> boxes) override {
    if (windows.empty()) return;
    const gpu::DeviceScope scope(index_);
    const gpu::StreamRef stream = this->stream();
    const std::scoped_lock lock(mutex_);
    upload_.make_room(windows.size_bytes() + boxes.size_bytes(), stream);
    Rect* const results = upload_.results<Rect>(boxes.size(), stream);
    gpu::compare_windows(upload_(windows, stream), static_cast<std::uint32_t>(windows.size()),
                         channels, most_pixels(windows), results, stream);
    take(results, boxes, stream);
  }

  std::uint64_t free_memory() override {
    const gpu::DeviceScope scope(index_);
    return gpu::free_memory();
  }

  void synchronize() override {
    const gpu::DeviceScope scope(index_);
    gpu::synchronize_device();
  }

 private:
  gpu::StreamRef stream() const {
    return gpu::StreamRef(c10::cuda::getCurrentCUDAStream(device().index()).stream());
  }

  // Waits for the results; nothing queued needs the arena any more.
  template <class T>
  void take(T* on_device, std::span<T> results, gpu::StreamRef stream) {
    T* const host = upload_.host(on_device);
    gpu::copy_to_host(host, on_device, results.size_bytes(), stream);
    gpu::synchronize(stream);
    std::copy_n(host, results.size(), results.begin());
    upload_.reset();
  }

  int index_;
  bool tf32_;
  std::mutex mutex_;
  gpu::Upload upload_;  // kept between calls: pinning memory costs far more than a strike
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(int index, bool tf32) {
  check_index(index);
  check_usable(index);
  load_torch_cuda();
  fix_numerics(tf32);
  return std::make_unique<CudaBackend>(index, tf32);
}

std::string describe_cuda() {
  const gpu::Survey found = gpu::survey();
  if (std::string why = problem(found); !why.empty()) return why;
  std::string text = fmt::format("driver {}, CUDA {}", driver_text(found),
                                 gpu::version_text(found.runtime_version));
  for (int index = 0; index < found.devices; ++index) {
    const gpu::DeviceProperties device = gpu::properties(index);
    text += fmt::format(", cuda:{} {} (sm_{}{}, {:.0f} GiB)", index, device.name, device.major,
                        device.minor, static_cast<double>(device.memory_bytes) / (1 << 30));
  }
  return text;
}

}  // namespace softbeam::backend
