#include "host/run/wave/conv_proof.h"

#include <fmt/format.h>

#include <algorithm>

namespace softbeam::run {
namespace {

using injectors::Rect;
using injectors::Stream;

constexpr std::size_t corners = 12;
constexpr std::size_t least_windows = 24;
// Sums in another order differ in some words only.
constexpr std::size_t least_words = 20'000;
constexpr std::size_t most_calls = 64;
constexpr std::int32_t most_pixels_a_side = 8;

struct ProofWindows {
  std::vector<ConvWindow> windows;
  std::vector<const float*> expected;
};

// Corners of golden, of noise and of the hostile image, then any place of them. `before`: windows
// that earlier rounds had.
void draw(const ConvLayer& layer, const ConvShape& shape, const GoldenImages& golden,
          const ProofImages& images, std::size_t before, Stream& random, ProofWindows& drawn) {
  const Convolution& geometry = layer.geometry;
  const auto size = [&](std::int32_t of_shape, std::int32_t out) {
    if (shape.packing != Packing::pixels) {
      return of_shape;
    }
    const std::int32_t most = std::min({of_shape, out, most_pixels_a_side});
    return 1 + static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(most)));
  };
  const ConvLayout layout(geometry, shape);
  const auto most = static_cast<std::size_t>(shape.packing == Packing::pixels
                                                 ? layout.capacity(1, 1)
                                                 : layout.capacity(shape.height, shape.width));
  drawn.windows.clear();
  drawn.expected.clear();
  for (std::size_t i = 0; i < most; ++i) {
    const std::size_t n = before + i;
    const std::size_t kind = n < corners ? n / 4 : random.below(3);
    const ProofImage& made = kind == 1 ? images.noise : images.hostile;
    const std::int32_t height = size(shape.height, geometry.y.out);
    const std::int32_t width = size(shape.width, geometry.x.out);
    const std::size_t sample = random.below(golden.size());
    const Rect outputs{random_span(geometry.y, height, n < corners ? n % 2 : 2, random),
                       random_span(geometry.x, width, n < corners ? n / 2 % 2 : 2, random)};
    drawn.windows.push_back(
        {.golden = kind == 0 ? golden.inputs[sample] : made.input.data(), .outputs = outputs});
    drawn.expected.push_back(kind == 0 ? golden.outputs[sample] : made.output.data());
  }
}

}  // namespace

Proof prove(const ConvLayer& layer, const ConvShape& shape, const GoldenImages& golden,
            const ProofImages& images, Stream& random, FloatBuffer& buffer) {
  Proof proof;
  ProofWindows drawn;
  ConvChunk chunk;
  const ConvLayout layout(layer.geometry, shape);
  std::size_t words = 0;
  std::size_t proved = 0;
  for (std::size_t calls = 0; proved < least_windows || (words < least_words && calls < most_calls);
       ++calls) {
    draw(layer, shape, golden, images, proved, random, drawn);
    if (chunk.gather(layer, shape, drawn.windows, buffer) == 0) {
      proof.failure = "no window fits";
      return proof;
    }
    // The first call compiles the kernel as well: work corrects the figure.
    const double seconds = seconds_of([&] { chunk.call(layer); });
    if (proved == 0 || seconds < proof.seconds) {
      proof.seconds = seconds;
    }
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      wrong += chunk.equals(i, layer, drawn.expected[i]) ? 0 : 1;
    }
    if (wrong > 0) {
      proof.failure = fmt::format("{} of {} windows differ from the library's whole images", wrong,
                                  chunk.size());
      return proof;
    }
    proved += chunk.size();
    words += static_cast<std::size_t>(layout.output_elements());
  }
  return proof;
}

}  // namespace softbeam::run
