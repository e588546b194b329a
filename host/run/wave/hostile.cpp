#include "host/run/wave/hostile.h"

#include <algorithm>
#include <array>
#include <limits>

#include "injectors/rng.h"

namespace softbeam::run {

void plant_hostile(at::Tensor& contiguous_floats, std::uint64_t seed) {
  using limits = std::numeric_limits<float>;
  constexpr std::array words{limits::infinity(),
                             -limits::infinity(),
                             limits::quiet_NaN(),
                             -0.0F,
                             limits::denorm_min(),
                             -1e-40F,
                             1e38F,
                             -1e38F,
                             limits::max(),
                             0.0F};
  auto* data = contiguous_floats.mutable_data_ptr<float>();
  const std::int64_t count = contiguous_floats.numel();
  injectors::Stream stream(seed, 0, injectors::Purpose::probe);
  for (std::int64_t i = 0; i < count;) {
    const std::uint32_t draw = stream.next32();
    data[i] = words[draw % words.size()];
    i += 1 + (draw >> 8) % 23;
  }
  if (count > 0) {
    data[count - 1] = limits::infinity();
  }
}

void jitter(at::Tensor& contiguous_floats, std::uint64_t seed) {
  auto* data = contiguous_floats.mutable_data_ptr<float>();
  injectors::Stream stream(seed, 0, injectors::Purpose::probe);
  for (std::int64_t i = 0; i < contiguous_floats.numel(); ++i) {
    data[i] *= 0.75F + static_cast<float>(stream.next32() >> 8) * 0x1p-25F;
  }
}

}  // namespace softbeam::run
