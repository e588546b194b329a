#include "host/run/wave/proof_images.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <span>

#include "host/run/wave/same_words.h"

namespace softbeam::run {

using injectors::Span;
using injectors::Stream;

namespace {

// Blocks in which all channels are zero or nearly so: kernels may differ in the sign of a zero sum
// alone.
void plant_zeros(std::vector<float>& image, const ImageSizes& sizes, Stream& random) {
  using Limits = std::numeric_limits<float>;
  constexpr std::array words{0.0F, -0.0F, -0.0F};
  constexpr std::array denormals{Limits::denorm_min(), -Limits::denorm_min(), 1e-40F};
  const auto below = [&](std::int32_t n) {
    return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(n)));
  };
  const std::int32_t blocks = 2 + std::min(sizes.height * sizes.width / 48, 16);
  for (std::int32_t b = 0; b < blocks; ++b) {
    const std::int32_t height = 1 + below(std::min(4, sizes.height));
    const std::int32_t width = 1 + below(std::min(4, sizes.width));
    const std::int32_t top = below(sizes.height - height + 1);
    const std::int32_t left = below(sizes.width - width + 1);
    for (std::int32_t c = 0; c < sizes.channels; ++c) {
      for (std::int32_t y = top; y < top + height; ++y) {
        for (std::int32_t x = left; x < left + width; ++x) {
          const std::int64_t line = std::int64_t{c} * sizes.height + y;
          image[static_cast<std::size_t>(line * sizes.width + x)] =
              words[random.below(words.size())];
        }
      }
    }
    // One denormal a block: each costs the processor hundreds of cycles in every sum.
    const std::int64_t line = std::int64_t{below(sizes.channels)} * sizes.height + top;
    image[static_cast<std::size_t>(line * sizes.width + left)] =
        denormals[random.below(denormals.size())];
  }
}

// Few enough of the poisonous values that part of the image stays finite behind a small kernel.
void plant_hostile_values(std::vector<float>& image, const ImageSizes& sizes, Stream& random) {
  using Limits = std::numeric_limits<float>;
  const auto plant = [&](float value) { image[random.below(image.size())] = value; };
  const std::int64_t poisonous = 1 + std::int64_t{sizes.height} * sizes.width / 400;
  for (std::int64_t i = 0; i < poisonous; ++i) {
    for (const float value :
         {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), 1e38F, -1e38F}) {
      plant(value);
    }
  }
  // Denormals are few as well: each of them costs the processor hundreds of cycles.
  const std::size_t mild = 4 + image.size() / 2000;
  for (std::size_t i = 0; i < mild; ++i) {
    for (const float value : {-0.0F, Limits::denorm_min(), -1e-40F}) {
      plant(value);
    }
  }
  plant_zeros(image, sizes, random);
}

// Uniform in twice the image's mean size to both sides.
std::vector<float> noise_like(const std::vector<float>& image, Stream& random) {
  double sum = 0;
  for (const float value : image) {
    sum += std::isfinite(value) ? std::abs(value) : 0;
  }
  const auto mean = static_cast<float>(sum / static_cast<double>(image.size()));
  const float most = mean > 0 ? 2 * mean : 1.0F;
  std::vector<float> noise(image.size());
  for (float& value : noise) {
    value = most * (static_cast<float>(random.next32() >> 8) * 0x1p-23F - 1.0F);
  }
  return noise;
}

}  // namespace

bool equals_image(const float* planes, const injectors::Rect& rect, const ImageSizes& sizes,
                  const float* image) {
  for (std::int32_t c = 0; c < sizes.channels; ++c) {
    for (std::int32_t y = rect.y.first; y < rect.y.last; ++y, planes += rect.width()) {
      const float* line = image + (std::int64_t{c} * sizes.height + y) * sizes.width + rect.x.first;
      if (!std::equal(planes, planes + rect.width(), line, same_word)) {
        return false;
      }
    }
  }
  return true;
}

std::optional<ProofImages> proof_images(const ImageSizes& input, const ImageSizes& output,
                                        const std::function<at::Tensor(const at::Tensor&)>& node,
                                        const GoldenImages& golden, Stream& random) {
  const std::size_t in = input.elements();
  const std::size_t out = output.elements();
  const std::size_t batch = golden.batch;
  std::vector<float> content(batch * in);
  const at::Tensor rows = at::from_blob(
      content.data(), {static_cast<std::int64_t>(batch), input.channels, input.height, input.width},
      at::kFloat);
  for (std::size_t i = 1; i < batch; ++i) {
    std::copy_n(golden.inputs[i % golden.size()], in, content.data() + i * in);
  }
  // In the first rows; false where the others do not come out as golden's.
  const auto run = [&](std::span<ProofImage* const> made) {
    for (std::size_t i = 0; i < made.size(); ++i) {
      std::copy(made[i]->input.begin(), made[i]->input.end(), content.data() + i * in);
    }
    const at::Tensor results = node(rows).contiguous();
    if (static_cast<std::size_t>(results.numel()) != batch * out) {
      return false;
    }
    const float* computed = results.const_data_ptr<float>();
    for (std::size_t i = 0; i < batch; ++i) {
      const float* row = computed + i * out;
      if (i < made.size()) {
        made[i]->output.assign(row, row + out);
      } else if (!std::equal(row, row + out, golden.outputs[i % golden.size()], same_word)) {
        return false;
      }
    }
    return true;
  };
  ProofImages images;
  images.hostile.input.assign(golden.inputs[0], golden.inputs[0] + in);
  images.noise.input = noise_like(images.hostile.input, random);
  plant_hostile_values(images.hostile.input, input, random);
  const std::array<ProofImage*, 2> both{&images.hostile, &images.noise};
  bool exact = true;
  const double seconds = seconds_of([&] {
    // A batch of two has room for one beside golden.
    exact = batch > 2 ? run(both) : run(std::span(both).first(1)) && run(std::span(both).last(1));
  });
  images.seconds_per_image = seconds / static_cast<double>(batch > 2 ? batch : 2 * batch);
  return exact ? std::optional(std::move(images)) : std::nullopt;
}

Span random_span(const injectors::Axis& axis, std::int32_t size, std::size_t corner,
                 Stream& random) {
  std::int32_t first = 0;
  if (corner == 1) {
    first = std::max(axis.out - size, 0);
  } else if (corner > 1) {
    first = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(axis.out)));
  }
  return {first, first + size};
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace softbeam::run
