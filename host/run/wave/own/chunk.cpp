#include "host/run/wave/own/chunk.h"

#include <algorithm>

#include "host/run/wave/own/interleave.h"

namespace softbeam::run {
namespace {

using injectors::Axis;
using injectors::Rect;
using injectors::Span;

// What lies between the first and the second level of caches.
constexpr std::ptrdiff_t most_words = 96 << 10;

// The inputs of one axis that a window lays out: every one that it reads, or, of a kernel of one
// pixel, only those.
struct Grid {
  std::int32_t first = 0;  // of the image; may lie outside
  std::int32_t step = 1;
  std::int32_t count = 0;
  std::int32_t stride = 1;  // of an output, in the grid

  Grid(const Axis& axis, Span outputs, bool pointwise)
      : first(outputs.first * axis.stride - axis.padding),
        step(pointwise ? axis.stride : 1),
        count(pointwise ? outputs.size() : (outputs.size() - 1) * axis.stride + axis.reach()),
        stride(pointwise ? 1 : axis.stride) {}

  // The part of the grid that lies within these inputs.
  Span within(Span inputs) const {
    const auto reach = [&](std::int32_t input) {
      return std::clamp((input - first + step - 1) / step, 0, count);
    };
    return {inputs.first <= first ? 0 : reach(inputs.first),
            inputs.last <= first ? 0 : reach(inputs.last)};
  }
  std::int32_t input(std::int32_t place) const { return first + place * step; }
};

}  // namespace

std::size_t OwnChunk::gather(const OwnLayer& layer, std::span<const ConvWindow> windows) {
  const Convolution& geometry = layer.geometry();
  const bool pointwise = is_pointwise(geometry);
  const std::ptrdiff_t pixel = layer.input_words();
  std::size_t count = 0;
  std::ptrdiff_t words = 0;
  std::ptrdiff_t pixels_out = 0;
  line_ = 0;
  // All windows have the longest line of the chunk.
  std::ptrdiff_t lines = 0;
  for (; count < windows.size(); ++count) {
    const Rect& outputs = windows[count].outputs;
    const Grid y(geometry.y, outputs.y, pointwise);
    const Grid x(geometry.x, outputs.x, pointwise);
    const std::ptrdiff_t line = std::max(line_, x.count * pixel);
    const std::ptrdiff_t total = line * (lines + y.count);
    const std::ptrdiff_t out = pixels_out + outputs.area();
    if (count > 0 && total + out * layer.output_words() > most_words) {
      break;
    }
    line_ = line;
    lines += y.count;
    words = total;
    pixels_out = out;
  }
  // Depthwise kernels read whole vectors.
  float* to = input_.at_least(words + lanes(InstructionSet::avx512));
  outputs_.clear();
  first_.clear();
  positions_.clear();
  for (const ConvWindow& window : windows.first(count)) {
    lay(layer, window, to);
    outputs_.push_back(window.outputs);
    first_.push_back(positions_.size());
    add_positions(layer, window, to);
    to += line_ * Grid(geometry.y, window.outputs.y, pointwise).count;
  }
  taps_.clear();
  for (std::int32_t y = 0; y < geometry.y.kernel; ++y) {
    for (std::int32_t x = 0; x < geometry.x.kernel; ++x) {
      taps_.push_back(y * geometry.y.dilation * line_ + x * geometry.x.dilation * pixel);
    }
  }
  macs_ = positions_.size() * geometry.macs_per_pixel();
  return count;
}

void OwnChunk::lay(const OwnLayer& layer, const ConvWindow& window, float* to) {
  const Convolution& geometry = layer.geometry();
  const bool pointwise = is_pointwise(geometry);
  const std::ptrdiff_t pixel = layer.input_words();
  const Grid y(geometry.y, window.outputs.y, pointwise);
  const Grid x(geometry.x, window.outputs.x, pointwise);
  const auto copy = [&](const Rect& source, const float* data, const Rect& part) {
    const PlanarPixels from{
        .data = data + std::ptrdiff_t{y.input(part.y.first) - source.y.first} * source.width() +
                (x.input(part.x.first) - source.x.first),
        .line = std::ptrdiff_t{y.step} * source.width(),
        .pixel = x.step,
        .plane = static_cast<std::ptrdiff_t>(source.area())};
    interleave(from, geometry.in_channels, part.height(), part.width(),
               to + part.y.first * line_ + part.x.first * pixel, line_, pixel);
  };
  const Rect image{{0, geometry.y.in}, {0, geometry.x.in}};
  const Rect inside{y.within(image.y), x.within(image.x)};
  const Rect row = window.row == nullptr
                       ? Rect{}
                       : Rect{y.within(window.row_rect.y), x.within(window.row_rect.x)};
  const bool covered = row.height() == y.count && row.width() == x.count;
  if (!covered) {
    if (inside.height() < y.count || inside.width() < x.count) {
      for (std::int32_t l = 0; l < y.count; ++l) {
        std::fill_n(to + l * line_, x.count * pixel, 0.0F);
      }
    }
    if (!inside.empty()) {
      copy(image, window.golden, inside);
    }
  }
  if (!row.empty()) {
    copy(window.row_rect, window.row, row);
  }
}

void OwnChunk::add_positions(const OwnLayer& layer, const ConvWindow& window, const float* at) {
  const Convolution& geometry = layer.geometry();
  const bool pointwise = is_pointwise(geometry);
  const std::ptrdiff_t down = line_ * (pointwise ? 1 : geometry.y.stride);
  const std::ptrdiff_t right = layer.input_words() * (pointwise ? 1 : geometry.x.stride);
  for (std::int32_t y = 0; y < window.outputs.height(); ++y) {
    for (std::int32_t x = 0; x < window.outputs.width(); ++x) {
      positions_.push_back(at + y * down + x * right);
    }
  }
}

void OwnChunk::call(const OwnLayer& layer) {
  float* sums =
      sums_.at_least(static_cast<std::ptrdiff_t>(positions_.size()) * layer.output_words());
  layer.sum(positions_, taps_, sums);
  results_ = sums;
}

const float* OwnChunk::result(const OwnLayer& layer, std::size_t i) {
  const std::int64_t pixels = outputs_[i].area();
  const std::int32_t per_group = layer.geometry().out_channels / layer.groups();
  float* planes = planes_.at_least(pixels * layer.geometry().out_channels);
  const float* sums = results_ + static_cast<std::ptrdiff_t>(first_[i]) * layer.output_words();
  for (std::int32_t g = 0; g < layer.groups(); ++g) {
    separate(sums + layer.output_of_group(g), layer.output_words(), per_group, pixels,
             planes + g * per_group * pixels);
  }
  return planes;
}

}  // namespace softbeam::run
