#include "host/run/wave/conv_noise.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "host/run/wave/hostile.h"

namespace softbeam::run {
namespace {

constexpr std::int64_t different_images = 3;

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

// Zeros whose products with one filter are all negative: a kernel that starts its sum from a
// product gives -0 there, one that starts from zero gives 0. For some outputs that share no input.
void plant_negative_products(float* image, const ConvLayer& layer, injectors::Stream& random) {
  constexpr int outputs = 64;
  const Convolution& g = layer.geometry;
  const at::Tensor weight = layer.weight.contiguous();
  const auto* weights = weight.const_data_ptr<float>();
  const std::int64_t channels = g.in_channels / g.groups;
  const std::int32_t taps = g.y.kernel * g.x.kernel;
  const std::int64_t plane = std::int64_t{g.y.in} * g.x.in;
  std::vector<bool> used(static_cast<std::size_t>(plane), false);
  std::vector<std::int64_t> field(
      static_cast<std::size_t>(taps));  // pixel of each tap; -1: outside
  for (int n = 0; n < outputs; ++n) {
    const auto y = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(g.y.out)));
    const auto x = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(g.x.out)));
    const auto filter =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(g.out_channels)));
    bool is_free = true;
    for (std::int32_t t = 0; t < taps; ++t) {
      const std::int32_t iy = y * g.y.stride - g.y.padding + t / g.x.kernel * g.y.dilation;
      const std::int32_t ix = x * g.x.stride - g.x.padding + t % g.x.kernel * g.x.dilation;
      const bool inside = iy >= 0 && iy < g.y.in && ix >= 0 && ix < g.x.in;
      const std::int64_t pixel = inside ? std::int64_t{iy} * g.x.in + ix : -1;
      field[static_cast<std::size_t>(t)] = pixel;
      is_free = is_free && !(inside && used[static_cast<std::size_t>(pixel)]);
    }
    const std::int64_t first = filter / (g.out_channels / g.groups) * channels;
    for (std::int32_t t = 0; is_free && t < taps; ++t) {
      const std::int64_t pixel = field[static_cast<std::size_t>(t)];
      if (pixel < 0) {
        continue;
      }
      used[static_cast<std::size_t>(pixel)] = true;
      for (std::int64_t c = 0; c < channels; ++c) {
        const float weight_there = weights[(filter * channels + c) * taps + t];
        image[(first + c) * plane + pixel] = weight_there > 0 ? -0.0F : 0.0F;
      }
    }
  }
}

// What the layer makes of the images in chunks of `batch`: of as many calls as they take, the last
// one filled up with the first images.
at::Tensor in_batches(const ConvLayer& layer, const at::Tensor& images, std::int64_t batch) {
  const std::int64_t count = images.size(0);
  std::vector<at::Tensor> outputs;
  for (std::int64_t first = 0; first < count; first += batch) {
    const at::Tensor rows = at::arange(first, first + batch).remainder(count);
    const at::Tensor output = layer.whole(images.index_select(0, rows)).contiguous();
    outputs.push_back(output.narrow(0, 0, std::min(batch, count - first)));
  }
  return at::cat(outputs);
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
  fill_noise(noise.layer.weight, random);
  if (layer.bias.defined()) {
    noise.layer.bias = layer.bias.clone();
    fill_noise(noise.layer.bias, random);
    // Zeros among them: other words hide the sign of a zero sum.
    auto* bias = noise.layer.bias.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < noise.layer.bias.numel(); i += 2) {
      bias[i] = 0.0F;
    }
  }
  at::Tensor some =
      at::empty({different_images, geometry.in_channels, geometry.y.in, geometry.x.in});
  fill_noise(some, random);
  const std::int64_t in = some.numel() / different_images;
  float* const last = some.mutable_data_ptr<float>() + (different_images - 1) * in;
  empty_pixels(last, geometry, random);
  plant_negative_products(last, noise.layer, random);
  noise.inputs = some;
  noise.outputs = in_batches(noise.layer, some, static_cast<std::int64_t>(batch));
  const std::int64_t out = noise.outputs.numel() / different_images;
  for (std::int64_t i = 0; i < different_images; ++i) {
    noise.golden.inputs.push_back(some.const_data_ptr<float>() + i * in);
    noise.golden.outputs.push_back(noise.outputs.const_data_ptr<float>() + i * out);
  }
  noise.golden.batch = batch;
  noise.images.noise = copy_of(noise.golden, 0, in, out);
  noise.images.hostile = copy_of(noise.golden, different_images - 1, in, out);
  return noise;
}

}  // namespace softbeam::run
