#include "host/run/wave/conv_chunk.h"

#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"
#include "host/run/wave/gather.h"
#include "host/run/wave/same_words.h"

namespace softbeam::run {

using injectors::Rect;

float* FloatBuffer::at_least(std::int64_t elements) {
  if (elements > elements_) {
    // Zeros: what no window covers must not slow the library down (denormals).
    memory_ = at::zeros({elements}, at::kFloat);
    elements_ = elements;
  }
  return memory_.data_ptr<float>();
}

std::size_t ConvChunk::gather(const ConvLayer& layer, const ConvShape& shape,
                              std::span<const ConvWindow> windows, FloatBuffer& buffer) {
  const Convolution& geometry = layer.geometry;
  ConvLayout layout(geometry, shape);
  shape_ = shape;
  macs_ = layout.macs();
  places_.clear();
  input_ = buffer.at_least(layout.input_elements());
  for (const ConvWindow& window : windows) {
    const std::optional<ConvPlace> place = layout.next(window.outputs);
    if (!place) {
      break;
    }
    places_.push_back(*place);
    const injectors::Window laid{.rect = needed(geometry, place->outputs),
                                 .golden = window.golden,
                                 .height = geometry.y.in,
                                 .width = geometry.x.in,
                                 .row_rect = window.row_rect,
                                 .row = window.row,
                                 .fill = 0.0F,
                                 .to = input_ + place->input,
                                 .to_line = place->input_line,
                                 .to_plane = place->input_plane};
    if (shape.packing == Packing::pixels && (geometry.y.stride > 1 || geometry.x.stride > 1)) {
      gather_pixels(laid, geometry.in_channels, place->outputs.height(), place->outputs.width(),
                    geometry.y.stride, geometry.x.stride);
    } else {
      gather_window(laid, geometry.in_channels);
    }
  }
  return places_.size();
}

void ConvChunk::call(const ConvLayer& layer) {
  const ConvLayout layout(layer.geometry, shape_);
  output_ = layer.call(shape_, layout, input_).contiguous();
  if (output_.sizes() != at::IntArrayRef(layout.output_sizes())) {
    throw RunError(
        fmt::format("{}: windows of {} give an output of another shape (the wave "
                    "misreads this convolution) use run.mode: plain",
                    layer.name, describe(shape_)));
  }
  results_ = output_.const_data_ptr<float>();
}

bool ConvChunk::equals(std::size_t i, const ConvLayer& layer, const float* expected) const {
  const Convolution& geometry = layer.geometry;
  const ConvPlace& place = places_[i];
  const Rect& outputs = place.outputs;
  const Rect image{{0, geometry.y.out}, {0, geometry.x.out}};
  const Rect inside = intersected(outputs, image);
  bool equal = true;
  for (std::int64_t c = 0; c < geometry.out_channels; ++c) {
    for (std::int32_t y = inside.y.first; y < inside.y.last; ++y) {
      const float* computed = result(i) + c * place.output_plane +
                              (y - outputs.y.first) * place.output_line - outputs.x.first;
      const float* line = expected + (c * geometry.y.out + y) * geometry.x.out;
      for (std::int32_t x = inside.x.first; x < inside.x.last; ++x) {
        equal &= same_word(computed[x], line[x]);
      }
    }
  }
  return equal;
}

}  // namespace softbeam::run
