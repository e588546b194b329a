#include "host/run/wave/conv_shape.h"

#include <fmt/format.h>

#include <algorithm>

namespace softbeam::run {

using injectors::Axis;
using injectors::Rect;

std::string describe(const ConvShape& shape) {
  return fmt::format("{} images of {}x{} {}", shape.batch, shape.height, shape.width,
                     shape.packing == Packing::images   ? "outputs"
                     : shape.packing == Packing::pixels ? "pixels"
                                                        : "outputs a cell");
}

ConvLayout::Cells ConvLayout::cells(const Axis& axis, std::int32_t outputs) {
  const std::int32_t inputs = (outputs - 1) * axis.stride + axis.reach();
  Cells cells;
  cells.first = (axis.padding + axis.stride - 1) / axis.stride;
  cells.pitch = (inputs + axis.stride - 1) / axis.stride;
  const auto fits = [&](std::int32_t first) {
    return first + outputs <= axis.out && first * axis.stride - axis.padding + inputs <= axis.in;
  };
  while (fits(cells.first + cells.count * cells.pitch)) {
    ++cells.count;
  }
  return cells;
}

ConvLayout::ConvLayout(const Convolution& geometry, const ConvShape& shape)
    : geometry_(geometry), shape_(shape) {
  const Axis& y = geometry.y;
  const Axis& x = geometry.x;
  std::int64_t in_height = y.in;
  std::int64_t in_width = x.in;
  std::int64_t out_height = y.out;
  std::int64_t out_width = x.out;
  switch (shape.packing) {
    case Packing::images:
      in_height = std::int64_t{shape.height - 1} * y.stride + y.reach();
      in_width = std::int64_t{shape.width - 1} * x.stride + x.reach();
      out_height = shape.height;
      out_width = shape.width;
      break;
    case Packing::pixels:
      in_height = out_height = shape.height;
      in_width = out_width = shape.width;
      break;
    case Packing::cells:
      down_ = cells(y, shape.height);
      across_ = cells(x, shape.width);
      break;
  }
  input_sizes_ = {shape.batch, geometry.in_channels, in_height, in_width};
  output_sizes_ = {shape.batch, geometry.out_channels, out_height, out_width};
}

std::int64_t ConvLayout::input_elements() const {
  return input_sizes_[0] * input_sizes_[1] * input_sizes_[2] * input_sizes_[3];
}

std::int64_t ConvLayout::output_elements() const {
  return output_sizes_[0] * output_sizes_[1] * output_sizes_[2] * output_sizes_[3];
}

std::int64_t ConvLayout::capacity(std::int32_t height, std::int32_t width) const {
  switch (shape_.packing) {
    case Packing::images:
      return shape_.batch;
    case Packing::cells:
      return std::int64_t{shape_.batch} * down_.count * across_.count;
    case Packing::pixels:
      return shape_.batch * (output_sizes_[2] * output_sizes_[3] / (std::int64_t{height} * width));
  }
  return 0;
}

std::uint64_t ConvLayout::macs() const {
  return static_cast<std::uint64_t>(output_sizes_[0] * output_sizes_[2] * output_sizes_[3]) *
         geometry_.macs_per_pixel();
}

ConvPlace ConvLayout::at(std::int64_t image, std::int32_t y, std::int32_t x) const {
  ConvPlace place;
  place.input_line = input_sizes_[3];
  place.input_plane = input_sizes_[2] * input_sizes_[3];
  place.output_line = output_sizes_[3];
  place.output_plane = output_sizes_[2] * output_sizes_[3];
  place.input = image * input_sizes_[1] * place.input_plane;
  place.output = image * output_sizes_[1] * place.output_plane + y * place.output_line + x;
  return place;
}

std::optional<ConvPlace> ConvLayout::next(const Rect& outputs) {
  if (shape_.packing == Packing::pixels) {
    const std::int64_t plane = output_sizes_[2] * output_sizes_[3];
    if (pixel_ + outputs.area() > plane) {
      ++image_;
      pixel_ = 0;
    }
    if (image_ >= shape_.batch || outputs.area() > plane) {
      return std::nullopt;
    }
    ConvPlace place = at(image_, 0, 0);
    place.input += pixel_;
    place.output += pixel_;
    place.input_line = place.output_line = outputs.width();
    place.outputs = outputs;
    pixel_ += outputs.area();
    return place;
  }
  if (next_ >= capacity(shape_.height, shape_.width)) {
    return std::nullopt;
  }
  const std::int64_t i = next_++;
  ConvPlace place;
  if (shape_.packing == Packing::images) {
    place = at(i, 0, 0);
  } else {
    const std::int64_t cells = std::int64_t{down_.count} * across_.count;
    const auto cell = static_cast<std::int32_t>(i % cells);
    const std::int32_t y = down_.first + cell / across_.count * down_.pitch;
    const std::int32_t x = across_.first + cell % across_.count * across_.pitch;
    place = at(i / cells, y, x);
    place.input += (y * geometry_.y.stride - geometry_.y.padding) * place.input_line +
                   (x * geometry_.x.stride - geometry_.x.padding);
  }
  place.outputs = {{outputs.y.first, outputs.y.first + shape_.height},
                   {outputs.x.first, outputs.x.first + shape_.width}};
  return place;
}

}  // namespace softbeam::run
