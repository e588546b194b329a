// What proofs compare with: golden by sample, and an image of hostile values with the library's own
// result on whole images. Used by the proofs of convolution and pooling.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "injectors/rng.h"
#include "injectors/window.h"

namespace softbeam::run {

// A node's input and output in golden, by sample.
struct GoldenImages {
  std::vector<const float*> inputs;
  std::vector<const float*> outputs;
  std::size_t batch = 16;  // in which they were computed
  std::size_t size() const { return inputs.size(); }
};

struct ImageSizes {
  std::int32_t channels = 0;
  std::int32_t height = 0;
  std::int32_t width = 0;
  std::size_t elements() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
           static_cast<std::size_t>(width);
  }
};

// An input image with hostile values planted, and what the node makes of it.
struct HostileImage {
  std::vector<float> input;
  std::vector<float> output;
  double seconds_per_image = 0;  // of the node on whole images
};

// Inf, -Inf, NaN, -0.0, denormals and 1e38 at random places; few enough of the poisonous ones that
// part of the image stays finite behind a small kernel.
void plant_hostile_values(std::span<float> image, const ImageSizes& sizes,
                          injectors::Stream& random);

// Golden's first sample with hostile values; its result is that of a batch as golden's (another
// size may choose another kernel, which can differ in the sign of a zero alone). Nothing where the
// other rows, golden's, do not come out as golden's.
std::optional<HostileImage> hostile_image(const ImageSizes& input, const ImageSizes& output,
                                          const std::function<at::Tensor(const at::Tensor&)>& node,
                                          const GoldenImages& golden, injectors::Stream& random);

// Outputs `size` long that begin in the image and may end outside of it; corner 0 and 1 are the
// first and the last that lie inside, others are random.
injectors::Span random_span(const injectors::Axis& axis, std::int32_t size, std::size_t corner,
                            injectors::Stream& random);

double seconds_of(const std::function<void()>& work);

}  // namespace softbeam::run
