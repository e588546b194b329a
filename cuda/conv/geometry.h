// What a convolution computes: sizes, types and format, without any library's descriptors.
// Used by everything in cuda/conv; plain data that needs no GPU.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "injectors/bias.h"
#include "injectors/dtype.h"

namespace softbeam::gpu {

enum class Format : std::uint8_t { channels_first, channels_last };  // NCHW, NHWC

struct Pair {
  std::int64_t y = 1;
  std::int64_t x = 1;
  friend constexpr auto operator<=>(const Pair&, const Pair&) = default;
};

// A forward convolution as torch has it: cross-correlation, zeros around the image, the same
// padding on opposite sides. Weights are [outputs][channels / groups][kernel], in the same format.
struct ConvGeometry {
  injectors::DType dtype = injectors::DType::float32;
  Format format = Format::channels_first;
  std::int64_t batch = 1;
  std::int64_t channels = 1;
  Pair image;
  std::int64_t outputs = 1;  // output channels
  std::int64_t groups = 1;
  Pair kernel;
  Pair stride;
  Pair padding = {0, 0};
  Pair dilation;
  friend constexpr auto operator<=>(const ConvGeometry&, const ConvGeometry&) = default;
};

// Throws std::invalid_argument that says which number is wrong, why, and what would be right.
void check(const ConvGeometry& geometry);

// Sizes of the output image. Precondition of this and what follows: check() passes.
Pair output_image(const ConvGeometry& geometry);

std::int64_t input_words(const ConvGeometry& geometry);
std::int64_t weight_words(const ConvGeometry& geometry);
std::int64_t output_words(const ConvGeometry& geometry);

// How the output's channels lie, for adding the bias.
injectors::Channels output_channels(const ConvGeometry& geometry);

// "float32 NCHW 16x64x56x56, 3x3 to 128, stride 2, padding 1", for messages and records.
std::string text(const ConvGeometry& geometry);

}  // namespace softbeam::gpu
