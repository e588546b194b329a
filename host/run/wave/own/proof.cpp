#include "host/run/wave/own/proof.h"

#include <algorithm>

#include "host/run/wave/own/chunk.h"
#include "host/run/wave/own/probe.h"

namespace softbeam::run {
namespace {

using injectors::Rect;
using injectors::Stream;

std::int32_t below(Stream& random, std::int32_t bound) {
  return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(bound)));
}

// One output of the library's, with all that it was made of.
SumSample sample_of(const ConvLayer& layer, const float* input, const float* output,
                    Stream& random) {
  const Convolution& g = layer.geometry;
  const auto channels = static_cast<std::int32_t>(g.in_channels / g.groups);
  const std::int32_t filter = below(random, g.out_channels);
  const std::int32_t y = below(random, g.y.out);
  const std::int32_t x = below(random, g.x.out);
  const std::int32_t taps = g.y.kernel * g.x.kernel;
  const auto first_channel =
      static_cast<std::int32_t>(filter / (g.out_channels / g.groups)) * channels;
  const float* weight =
      layer.weight.const_data_ptr<float>() + std::int64_t{filter} * channels * taps;
  SumSample sample;
  for (std::int32_t t = 0; t < taps; ++t) {
    const std::int32_t iy = y * g.y.stride - g.y.padding + t / g.x.kernel * g.y.dilation;
    const std::int32_t ix = x * g.x.stride - g.x.padding + t % g.x.kernel * g.x.dilation;
    const bool inside = iy >= 0 && iy < g.y.in && ix >= 0 && ix < g.x.in;
    for (std::int32_t c = 0; c < channels; ++c) {
      const std::int64_t at = (std::int64_t{first_channel + c} * g.y.in + iy) * g.x.in + ix;
      sample.inputs.push_back(inside ? input[at] : 0.0F);
      sample.weights.push_back(weight[c * taps + t]);
    }
  }
  sample.bias = layer.bias.defined() ? layer.bias.const_data_ptr<float>()[filter] : 0.0F;
  sample.result = output[(std::int64_t{filter} * g.y.out + y) * g.x.out + x];
  return sample;
}

ConvLayer contiguous(ConvLayer layer) {
  layer.weight = layer.weight.contiguous();
  layer.bias = layer.bias.defined() ? layer.bias.contiguous() : layer.bias;
  return layer;
}

SumOrder order_of(const ConvLayer& layer, const GoldenImages& golden, const ConvLayer& noise_layer,
                  const NoiseLayer& noise, Stream& random) {
  constexpr std::size_t tried = 100;
  std::vector<SumSample> samples;
  for (std::size_t i = 0; i < 2 * tried; ++i) {
    const std::size_t image = i % 2;  // the third one is nearly empty
    samples.push_back(
        sample_of(noise_layer, noise.golden.inputs[image], noise.golden.outputs[image], random));
  }
  for (std::size_t i = 0; i < tried; ++i) {
    const std::size_t image = random.below(golden.size());
    samples.push_back(sample_of(layer, golden.inputs[image], golden.outputs[image], random));
  }
  const Convolution& g = layer.geometry;
  return find_order(g.y.kernel * g.x.kernel, static_cast<std::int32_t>(g.in_channels / g.groups),
                    layer.bias.defined(), samples);
}

class Comparison {
 public:
  explicit Comparison(const OwnLayer& layer) : layer_(layer) {}

  // The window's outputs are those of `expected`, an output image of the layer.
  bool equal(const ConvWindow& window, const float* expected) {
    chunk_.gather(layer_, std::span(&window, 1));
    chunk_.call(layer_);
    const Convolution& g = layer_.geometry();
    return equals_image(chunk_.result(layer_, 0), window.outputs,
                        {g.out_channels, g.y.out, g.x.out}, expected);
  }
  bool whole_equal(const float* input, const float* expected) {
    const Convolution& g = layer_.geometry();
    return equal({.golden = input, .outputs = {{0, g.y.out}, {0, g.x.out}}}, expected);
  }
  // Of one whole image among several, when warm.
  double seconds_per_image(const float* input) {
    constexpr std::size_t images = 4;
    const Convolution& g = layer_.geometry();
    const std::vector<ConvWindow> windows(
        images, {.golden = input, .outputs = {{0, g.y.out}, {0, g.x.out}}});
    const std::size_t count = chunk_.gather(layer_, windows);
    const auto call = [&] { chunk_.call(layer_); };
    return std::min(seconds_of(call), seconds_of(call)) / static_cast<double>(count);
  }

 private:
  const OwnLayer& layer_;
  OwnChunk chunk_;
};

// Where one window ends and another begins: corners first, then any place, of any size.
bool windows_equal(Comparison& comparison, const Convolution& geometry, const ProofImage& image,
                   Stream& random) {
  constexpr std::size_t windows = 24;
  constexpr std::int32_t most_side = 9;
  for (std::size_t n = 0; n < windows; ++n) {
    const auto span = [&](const injectors::Axis& axis, std::size_t corner) {
      const std::int32_t size = 1 + below(random, std::min(most_side, axis.out));
      return intersected(random_span(axis, size, n < 4 ? corner : 2, random),
                         injectors::Span{0, axis.out});
    };
    const Rect outputs{span(geometry.y, n % 2), span(geometry.x, n / 2)};
    if (!comparison.equal({.golden = image.input.data(), .outputs = outputs},
                          image.output.data())) {
      return false;
    }
  }
  return true;
}

}  // namespace

OwnProof prove_own(const ConvLayer& layer, const GoldenImages& golden, const ProofImages& images,
                   const NoiseLayer& noise, InstructionSet set, Stream& random) {
  const SumOrder order =
      order_of(contiguous(layer), golden, contiguous(noise.layer), noise, random);
  if (order.block == 0) {
    return {.failure = "the library's order of additions is none of those known"};
  }
  const OwnLayer of_noise(noise.layer, order, set);
  Comparison noise_comparison(of_noise);
  for (const std::size_t image : {noise.golden.size() - 1, std::size_t{0}}) {
    if (!noise_comparison.whole_equal(noise.golden.inputs[image], noise.golden.outputs[image])) {
      return {.failure = "an image of noise differs from the library's"};
    }
  }
  auto own = std::make_unique<const OwnLayer>(layer, order, set);
  Comparison comparison(*own);
  if (!comparison.whole_equal(images.hostile.input.data(), images.hostile.output.data())) {
    return {.failure = "an image of hostile values differs from the library's"};
  }
  if (!windows_equal(comparison, layer.geometry, images.hostile, random) ||
      !windows_equal(comparison, layer.geometry, images.noise, random)) {
    return {.failure = "a window differs from the library's whole image"};
  }
  const std::size_t sample = random.below(golden.size());
  if (!comparison.whole_equal(golden.inputs[sample], golden.outputs[sample])) {
    return {.failure = "golden differs"};
  }
  const double seconds = comparison.seconds_per_image(golden.inputs[sample]);
  return {std::move(own), "", seconds};
}

}  // namespace softbeam::run
