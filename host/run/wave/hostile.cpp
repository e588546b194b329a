#include "host/run/wave/hostile.h"

#include <array>
#include <limits>
#include <vector>

namespace softbeam::run {

void plant_hostile(at::Tensor& rows, std::uint64_t seed) {
  using limits = std::numeric_limits<float>;
  static const std::array<std::vector<float>, 5> kinds{
      std::vector{limits::infinity()},
      std::vector{limits::quiet_NaN()},
      std::vector{-0.0F, 0.0F, limits::denorm_min(), -1e-40F},
      std::vector{1e38F, -1e38F},
      std::vector{limits::max(), -limits::infinity(), -0.0F},
  };
  const std::int64_t count = rows.size(0);
  const std::int64_t words = rows.numel() / count;
  injectors::Stream stream(seed, 0, injectors::Purpose::probe);
  for (std::int64_t r = 0; r < count && words > 0; ++r) {
    auto* row = rows.mutable_data_ptr<float>() + r * words;
    for (const float word : kinds[static_cast<std::size_t>(r) % kinds.size()]) {
      row[stream.below(static_cast<std::uint64_t>(words))] = word;
    }
  }
}

void fill_noise(at::Tensor& dense, injectors::Stream& random) {
  auto* words = dense.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < dense.numel(); ++i) {
    words[i] = static_cast<float>(random.next32() >> 8) * 0x1p-23F - 1.0F;
  }
}

void jitter(at::Tensor& rows, std::uint64_t seed) {
  auto* data = rows.mutable_data_ptr<float>();
  injectors::Stream stream(seed, 0, injectors::Purpose::probe);
  for (std::int64_t i = 0; i < rows.numel(); ++i) {
    data[i] *= 0.75F + static_cast<float>(stream.next32() >> 8) * 0x1p-25F;
  }
}

}  // namespace softbeam::run
