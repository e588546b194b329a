#include "host/backend/cpu_backend.h"

#include <ATen/Version.h>

#include <cstdint>

#include "host/backend/strike_check.h"
#include "injectors/apply.h"

namespace softbeam::backend {
namespace {

using injectors::ComparedWindow;
using injectors::Effect;
using injectors::LaidWindow;
using injectors::Rect;
using injectors::Strike;

// Two passes, as on a GPU: the words are read back from memory after all of them were struck.
template <class Word>
void strike_all(void* memory, std::span<const Strike> strikes, std::span<Effect> effects) {
  auto* const words = static_cast<Word*>(memory);
  for (std::uint64_t i = 0; i < strikes.size(); ++i) {
    injectors::strike_word(i, strikes.data(), words, effects.data());
  }
  for (std::uint64_t i = 0; i < strikes.size(); ++i) {
    injectors::read_back(i, strikes.data(), static_cast<const Word*>(words), effects.data());
  }
}

Rect box_of(const ComparedWindow& window, std::int32_t channels) {
  Rect box;
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t y = 0; y < window.lines; ++y) {
      for (std::int32_t x = 0; x < window.columns; ++x) {
        if (injectors::differs_at(window, c, y, x)) {
          box = united(box, Rect{{y, y + 1}, {x, x + 1}});
        }
      }
    }
  }
  return box;
}

class CpuBackend final : public Backend {
 public:
  at::Device device() const override { return at::kCPU; }

  std::string description() const override { return "cpu " + at::get_cpu_capability(); }

  void corrupt(const at::Tensor& tensor, std::span<const Strike> strikes,
               std::span<Effect> effects) override {
    const int bytes = check_strikes(tensor, device(), strikes, effects);
    if (strikes.empty()) return;
    void* const memory = tensor.mutable_data_ptr();
    switch (bytes) {
      case 1:
        return strike_all<std::uint8_t>(memory, strikes, effects);
      case 2:
        return strike_all<std::uint16_t>(memory, strikes, effects);
      case 4:
        return strike_all<std::uint32_t>(memory, strikes, effects);
      default:
        return strike_all<std::uint64_t>(memory, strikes, effects);
    }
  }

  void lay(std::span<const LaidWindow> windows, std::int32_t channels) override {
    for (const LaidWindow& window : windows) {
      const std::int64_t words = std::int64_t{channels} * window.lines * window.columns;
      for (std::int64_t i = 0; i < words; ++i) {
        injectors::lay_word(window, i);
      }
    }
  }

  void compare(std::span<const ComparedWindow> windows, std::int32_t channels,
               std::span<Rect> boxes) override {
    for (std::size_t w = 0; w < windows.size(); ++w) {
      boxes[w] = box_of(windows[w], channels);
    }
  }

  std::uint64_t free_memory() override { return UINT64_MAX; }

  void synchronize() override {}
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace softbeam::backend
