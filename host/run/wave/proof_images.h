// What proofs compare with: golden by sample, and images of hostile values and of noise with the
// library's own results on whole images. Used by the proofs and sentinels of convolution and
// pooling.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
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

// True if planes of a window, [channels][rect], are those of an output image.
bool equals_image(const float* planes, const injectors::Rect& rect, const ImageSizes& sizes,
                  const float* image);

struct ProofImage {
  std::vector<float> input;
  std::vector<float> output;  // what the node makes of it
};

struct ProofImages {
  ProofImage hostile;
  // As large as golden, but without its zeros: kernels that differ do so in some words only.
  ProofImage noise;
  double seconds_per_image = 0;  // of the node on whole images
};

// The hostile image is golden's first sample with Inf, NaN, signed zeros, denormals and 1e38.
// Results are those of batches as golden's (another size may choose another kernel, which can
// differ in the sign of a zero alone). Nothing where the other rows, golden's, do not come out as
// golden's.
std::optional<ProofImages> proof_images(const ImageSizes& input, const ImageSizes& output,
                                        const std::function<at::Tensor(const at::Tensor&)>& node,
                                        const GoldenImages& golden, injectors::Stream& random);

// Outputs `size` long that begin in the image and may end outside of it; corner 0 and 1 are the
// first and the last that lie inside, others are random.
injectors::Span random_span(const injectors::Axis& axis, std::int32_t size, std::size_t corner,
                            injectors::Stream& random);

double seconds_of(const std::function<void()>& work);

}  // namespace softbeam::run
