#include "host/run/wave/conv_noise.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace softbeam::run {
namespace {

constexpr std::int64_t different_images = 3;

void fill(at::Tensor& dense, injectors::Stream& random) {
  auto* words = dense.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < dense.numel(); ++i) {
    words[i] = static_cast<float>(random.next32() >> 8) * 0x1p-23F - 1.0F;
  }
}

// Leaves one pixel in sixteen; the others are zero in all channels, of one sign or the other.
void empty_pixels(float* image, const Convolution& geometry, injectors::Stream& random) {
  const std::int64_t plane = std::int64_t{geometry.y.in} * geometry.x.in;
  for (std::int64_t pixel = 0; pixel < plane; ++pixel) {
    const std::uint32_t draw = random.next32();
    for (std::int64_t c = 0; draw % 16 != 0 && c < geometry.in_channels; ++c) {
      image[c * plane + pixel] = draw % 3 == 0 ? -0.0F : 0.0F;
    }
  }
}

ProofImage copy_of(const GoldenImages& golden, std::int64_t image, std::int64_t in,
                   std::int64_t out) {
  const float* input = golden.inputs[static_cast<std::size_t>(image)];
  const float* output = golden.outputs[static_cast<std::size_t>(image)];
  return {{input, input + in}, {output, output + out}};
}

}  // namespace

NoiseLayer make_noise(const ConvLayer& layer, std::size_t batch, injectors::Stream& random) {
  const Convolution& geometry = layer.geometry;
  NoiseLayer noise{.layer = layer};
  noise.layer.weight = layer.weight.clone();
  fill(noise.layer.weight, random);
  if (layer.bias.defined()) {
    noise.layer.bias = layer.bias.clone();
    fill(noise.layer.bias, random);
  }
  const auto rows = static_cast<std::int64_t>(batch);
  const std::int64_t different = std::min(rows, different_images);
  at::Tensor some = at::empty({different, geometry.in_channels, geometry.y.in, geometry.x.in});
  fill(some, random);
  const std::int64_t in = some.numel() / different;
  empty_pixels(some.mutable_data_ptr<float>() + (different - 1) * in, geometry, random);
  const at::Tensor images =
      some.repeat({(rows + different - 1) / different, 1, 1, 1}).narrow(0, 0, rows).contiguous();
  noise.inputs = some;
  noise.outputs = noise.layer.whole(images).contiguous().narrow(0, 0, different).clone();
  const std::int64_t out = noise.outputs.numel() / different;
  for (std::int64_t i = 0; i < different; ++i) {
    noise.golden.inputs.push_back(some.const_data_ptr<float>() + i * in);
    noise.golden.outputs.push_back(noise.outputs.const_data_ptr<float>() + i * out);
  }
  noise.golden.batch = batch;
  noise.images.noise = copy_of(noise.golden, 0, in, out);
  noise.images.hostile = copy_of(noise.golden, different - 1, in, out);
  return noise;
}

}  // namespace softbeam::run
