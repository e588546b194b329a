// Injectors that are wrong on purpose: a run with one of them must fail.
#pragma once

#include <memory>
#include <utility>

#include "host/backend/backend.h"

namespace softbeam::support {

enum class Breakage { writes_nothing, flips_the_neighbour, throws };

class BrokenBackend : public backend::Backend {
 public:
  BrokenBackend(std::unique_ptr<backend::Backend> sound, Breakage breakage)
      : sound_(std::move(sound)), breakage_(breakage) {}

  at::Device device() const override { return sound_->device(); }
  std::string description() const override { return sound_->description(); }
  void synchronize() override { sound_->synchronize(); }
  std::uint64_t free_memory() override { return sound_->free_memory(); }
  void lay(std::span<const injectors::LaidWindow> windows, std::int32_t channels) override {
    sound_->lay(windows, channels);
  }
  void compare(std::span<const injectors::ComparedWindow> windows, std::int32_t channels,
               std::span<injectors::Rect> boxes) override {
    sound_->compare(windows, channels, boxes);
  }

  // Harmless strikes (reads) pass; the first that changes something goes wrong.
  void corrupt(const at::Tensor& tensor, std::span<const injectors::Strike> strikes,
               std::span<injectors::Effect> effects) override {
    std::vector<injectors::Strike> wrong(strikes.begin(), strikes.end());
    if (!armed || wrong.front().masks.flip == 0) {
      sound_->corrupt(tensor, strikes, effects);
      return;
    }
    switch (breakage_) {
      case Breakage::writes_nothing:
        wrong.front().masks = {~std::uint64_t{0}, 0};
        break;
      case Breakage::flips_the_neighbour:
        wrong.front().masks.flip =
            wrong.front().masks.flip == 1 ? 2 : wrong.front().masks.flip >> 1;
        break;
      case Breakage::throws:
        throw std::runtime_error("the injector broke");
    }
    sound_->corrupt(tensor, wrong, effects);
  }

  bool armed = true;

 private:
  std::unique_ptr<backend::Backend> sound_;
  Breakage breakage_;
};

}  // namespace softbeam::support
