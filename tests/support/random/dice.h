// The one source of chance of the random graphs and plans: every choice follows from the seed.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

namespace softbeam::support {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // The standard's distributions differ between libraries; these do not.
  std::uint64_t bits() { return engine_(); }
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n));
  }
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + below(last - first + 1);
  }
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool chance(double p) { return uniform() < p; }
  template <class T>
  T among(std::initializer_list<T> items) {
    return *(items.begin() + below(static_cast<std::int64_t>(items.size())));
  }
  template <class T>
  const T& among(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(below(static_cast<std::int64_t>(items.size())))];
  }
  // Nearly normal: mean 0, variance 1, at most 3.5 away from 0.
  double normal() { return (uniform() + uniform() + uniform() + uniform() - 2.0) * 1.7320508; }

  at::Tensor normal(at::IntArrayRef shape, double mean, double deviation) {
    at::Tensor tensor = at::empty(shape);
    auto* words = tensor.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
      words[i] = static_cast<float>(mean + deviation * normal());
    }
    return tensor;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace softbeam::support
