#include "cuda/conv/geometry.h"

#include <initializer_list>
#include <stdexcept>

namespace softbeam::gpu {
namespace {

using injectors::DType;

constexpr std::int64_t most = std::int64_t{1} << 31;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("a convolution cannot be computed (" + why);
}

// With every number below 2^31, no sum or product of two of them overflows.
void check_number(const char* name, std::int64_t number, std::int64_t least) {
  if (number >= least && number < most) return;
  refuse(std::string(name) + " is " + std::to_string(number) + "); it must be " +
         std::to_string(least) + " or more, and below 2^31");
}

void check_pair(const std::string& name, Pair pair, std::int64_t least) {
  check_number((name + " height").c_str(), pair.y, least);
  check_number((name + " width").c_str(), pair.x, least);
}

void check_divides(const char* name, std::int64_t number, std::int64_t groups) {
  if (number % groups == 0) return;
  refuse(std::to_string(number) + " " + name + " in " + std::to_string(groups) +
         " groups); the number of groups must divide them");
}

std::int64_t reach(std::int64_t kernel, std::int64_t dilation) {
  return dilation * (kernel - 1) + 1;
}

void check_fits(const char* axis, std::int64_t image, std::int64_t padding, std::int64_t reach) {
  if (image + 2 * padding >= reach) return;
  refuse("the kernel reaches over " + std::to_string(reach) + " pixels of an image whose " + axis +
         " is " + std::to_string(image) + " with padding " + std::to_string(padding) +
         "); enlarge the padding or the image");
}

// Many of cuDNN's engines index words with 32 bits.
void check_size(const char* name, std::initializer_list<std::int64_t> sizes) {
  std::int64_t words = 1;
  for (const std::int64_t size : sizes) {
    if (words > (most - 1) / size) {
      refuse(std::string("the ") + name + " has 2^31 words or more); use a smaller batch");
    }
    words *= size;
  }
}

std::string pair_text(Pair pair) { return std::to_string(pair.y) + "x" + std::to_string(pair.x); }

std::string option(const char* name, Pair pair, std::int64_t usual) {
  if (pair == Pair{usual, usual}) return {};
  return std::string(", ") + name + " " +
         (pair.y == pair.x ? std::to_string(pair.y) : pair_text(pair));
}

}  // namespace

void check(const ConvGeometry& g) {
  if (g.dtype != DType::float32 && g.dtype != DType::float16 && g.dtype != DType::bfloat16) {
    refuse("its type is " + std::string(injectors::name(g.dtype)) +
           "); cuDNN is used for float32, float16 and bfloat16");
  }
  check_number("the batch", g.batch, 1);
  check_number("the number of input channels", g.channels, 1);
  check_number("the number of output channels", g.outputs, 1);
  check_number("the number of groups", g.groups, 1);
  check_pair("the image's", g.image, 1);
  check_pair("the kernel's", g.kernel, 1);
  check_pair("the stride's", g.stride, 1);
  check_pair("the padding's", g.padding, 0);
  check_pair("the dilation's", g.dilation, 1);
  check_divides("input channels", g.channels, g.groups);
  check_divides("output channels", g.outputs, g.groups);
  check_size("input", {g.batch, g.channels, g.image.y, g.image.x});
  check_size("weight", {g.outputs, g.channels / g.groups, g.kernel.y, g.kernel.x});
  check_fits("height", g.image.y, g.padding.y, reach(g.kernel.y, g.dilation.y));
  check_fits("width", g.image.x, g.padding.x, reach(g.kernel.x, g.dilation.x));
  const Pair out = output_image(g);
  check_size("output", {g.batch, g.outputs, out.y, out.x});
}

Pair output_image(const ConvGeometry& g) {
  return {(g.image.y + 2 * g.padding.y - reach(g.kernel.y, g.dilation.y)) / g.stride.y + 1,
          (g.image.x + 2 * g.padding.x - reach(g.kernel.x, g.dilation.x)) / g.stride.x + 1};
}

std::int64_t input_words(const ConvGeometry& g) {
  return g.batch * g.channels * g.image.y * g.image.x;
}

std::int64_t weight_words(const ConvGeometry& g) {
  return g.outputs * (g.channels / g.groups) * g.kernel.y * g.kernel.x;
}

std::int64_t output_words(const ConvGeometry& g) {
  const Pair out = output_image(g);
  return g.batch * g.outputs * out.y * out.x;
}

injectors::Channels output_channels(const ConvGeometry& g) {
  const Pair out = output_image(g);
  const std::int64_t inner = g.format == Format::channels_first ? out.y * out.x : 1;
  return {static_cast<std::uint64_t>(inner), static_cast<std::uint64_t>(g.outputs)};
}

std::string text(const ConvGeometry& g) {
  std::string words = std::string(injectors::name(g.dtype)) +
                      (g.format == Format::channels_first ? " NCHW " : " NHWC ") +
                      std::to_string(g.batch) + "x" + std::to_string(g.channels) + "x" +
                      pair_text(g.image) + ", " + pair_text(g.kernel) + " to " +
                      std::to_string(g.outputs);
  words += option("stride", g.stride, 1);
  words += option("padding", g.padding, 0);
  words += option("dilation", g.dilation, 1);
  if (g.groups != 1) words += ", groups " + std::to_string(g.groups);
  return words;
}

}  // namespace softbeam::gpu
