// The one file of host/ that includes cuda/.
#include "host/backend/cuda_backend.h"

#include <ATen/Context.h>
#include <c10/cuda/CUDAStream.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "cuda/buffer.h"
#include "cuda/device.h"
#include "cuda/error.h"
#include "cuda/inject.h"
#include "cuda/stream.h"
#include "host/backend/strike_check.h"
#include "host/backend/torch_cuda.h"
#include "host/base/error.h"

namespace softbeam::backend {
namespace {

using injectors::Effect;
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

// A fault must be the only difference between two runs: no TF32, no algorithm chosen by timing.
void fix_numerics() {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuBLAS(false);
  context.setAllowTF32CuDNN(false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
}

// Device memory for one list of strikes, with the host's side of the copies.
struct Staging {
  explicit Staging(std::size_t size)
      : strikes(size), effects(size), device_strikes(size), device_effects(size) {}
  gpu::PinnedBuffer<Strike> strikes;
  gpu::PinnedBuffer<Effect> effects;
  gpu::DeviceBuffer<Strike> device_strikes;
  gpu::DeviceBuffer<Effect> device_effects;
};

class CudaBackend final : public Backend {
 public:
  explicit CudaBackend(int index) : index_(index) {}

  at::Device device() const override { return {at::kCUDA, static_cast<at::DeviceIndex>(index_)}; }

  std::string description() const override {
    const gpu::Survey found = gpu::survey();
    const long cudnn = at::Context::versionRuntimeCuDNN();
    return fmt::format("{}, driver {}, CUDA {}, cuDNN {}.{}", gpu::properties(index_).name,
                       driver_text(found), gpu::version_text(found.runtime_version), cudnn / 10000,
                       cudnn % 10000 / 100);
  }

  void corrupt(const at::Tensor& tensor, std::span<const Strike> strikes,
               std::span<Effect> effects) override {
    const int bytes = check_strikes(tensor, device(), strikes, effects);
    if (strikes.empty()) return;
    const gpu::DeviceScope scope(index_);  // the caller may be a thread that never chose a device
    const gpu::StreamRef stream(c10::cuda::getCurrentCUDAStream(device().index()).stream());
    const gpu::DeviceWords words{.data = tensor.mutable_data_ptr(), .word_bytes = bytes};
    const std::scoped_lock lock(mutex_);
    Staging& staging = staging_for(strikes.size());
    Strike* const on_device = staging.device_strikes.data();
    Effect* const results = staging.device_effects.data();
    std::copy(strikes.begin(), strikes.end(), staging.strikes.data());
    gpu::copy_to_device(on_device, staging.strikes.data(), strikes.size_bytes(), stream);
    gpu::strike_words(words, on_device, results, strikes.size(), stream);
    gpu::read_back_words(words, on_device, results, strikes.size(), stream);
    gpu::copy_to_host(staging.effects.data(), results, effects.size_bytes(), stream);
    gpu::synchronize(stream);
    std::copy_n(staging.effects.data(), effects.size(), effects.begin());
  }

  void synchronize() override {
    const gpu::DeviceScope scope(index_);
    gpu::synchronize_device();
  }

 private:
  // Kept between calls: pinning memory costs far more than a strike.
  Staging& staging_for(std::size_t size) {
    if (!staging_ || staging_->strikes.size() < size) {
      staging_.reset();
      staging_ = std::make_unique<Staging>(std::max<std::size_t>(2 * size, 256));
    }
    return *staging_;
  }

  int index_;
  std::mutex mutex_;
  std::unique_ptr<Staging> staging_;
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(int index) {
  check_index(index);
  check_usable(index);
  load_torch_cuda();
  fix_numerics();
  return std::make_unique<CudaBackend>(index);
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
