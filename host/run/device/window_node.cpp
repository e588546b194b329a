#include "host/run/device/window_node.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <limits>

namespace softbeam::run {
namespace {

using injectors::Axis;
using injectors::LaidWindow;
using injectors::Planes;
using injectors::Rect;

Axis one_to_one(std::int32_t size) { return {.in = size, .out = size}; }

Convolution sliding(const Program& program, const Step& step) {
  if (step.kind == StepKind::convolution) {
    return program.convolutions[step.detail];
  }
  Convolution geometry;
  if (step.kind == StepKind::pooling) {
    geometry.y = program.poolings[step.detail].y;
    geometry.x = program.poolings[step.detail].x;
  } else {
    geometry.y = one_to_one(program.regions[step.detail].height);
    geometry.x = one_to_one(program.regions[step.detail].width);
  }
  return geometry;
}

bool steps_by_one(const Convolution& geometry) {
  return geometry.y.stride == 1 && geometry.x.stride == 1 && geometry.y.padding == 0 &&
         geometry.x.padding == 0;
}

}  // namespace

bool takes_windows(const Program& program, const Step& step) {
  const auto image = [&](model::ValueId id) {
    return program.value(id).image && program.value(id).contiguous;
  };
  if (!std::all_of(step.inputs.begin(), step.inputs.end(), image) ||
      !std::all_of(step.outputs.begin(), step.outputs.end(), image)) {
    return false;
  }
  switch (step.kind) {
    case StepKind::convolution:
      return program.convolutions[step.detail].finite;
    case StepKind::pooling:
      return program.poolings[step.detail].kind == Pooling::Kind::max;
    case StepKind::region:
      return true;
    default:
      return false;
  }
}

WindowNode::WindowNode(const Program& program, const Step& step)
    : geometry_(sliding(program, step)),
      batch_(static_cast<std::int32_t>(program.profile->batch)),
      packs_pixels_(is_pointwise(geometry_) && steps_by_one(geometry_)) {
  if (step.kind == StepKind::pooling) {
    fill_ = std::bit_cast<std::uint32_t>(-std::numeric_limits<float>::infinity());
  }
  for (const model::ValueId input : step.inputs) {
    in_channels_.push_back(program.value(input).channels);
  }
  for (const model::ValueId output : step.outputs) {
    out_channels_.push_back(program.value(output).channels);
  }
}

ConvShape WindowNode::shape(std::int32_t height, std::int32_t width) const {
  if (packs_pixels_) {
    return {Form::canvas, Packing::pixels, batch_, geometry_.y.out, geometry_.x.out};
  }
  return {Form::canvas, Packing::cells, batch_, height, width};
}

std::int64_t WindowNode::capacity(std::int32_t height, std::int32_t width) const {
  return ConvLayout(geometry_, shape(height, width)).capacity(height, width);
}

Convolution WindowNode::of(std::int32_t in_channels, std::int32_t out_channels) const {
  Convolution own = geometry_;
  own.in_channels = in_channels;
  own.out_channels = out_channels;
  return own;
}

WindowNode::Results WindowNode::compute(backend::Backend& backend, const StepCall& call,
                                        const ConvShape& shape, std::span<const Rect> wanted,
                                        std::span<const SeenImage> images) const {
  std::vector<at::Tensor> inputs;
  std::size_t count = 0;
  for (std::size_t i = 0; i < in_channels_.size(); ++i) {
    const Convolution own = of(in_channels_[i], out_channels_.front());
    ConvLayout layout(own, shape);
    const at::Tensor chunk = call.chunk(i);
    auto* const first = static_cast<std::uint32_t*>(chunk.mutable_data_ptr());
    std::vector<LaidWindow> windows;
    for (std::size_t w = 0; w < wanted.size(); ++w) {
      const auto place = layout.next(wanted[w]);
      if (!place) break;
      const Rect rect = needed(own, place->outputs);
      const SeenImage& image = images[w * in_channels_.size() + i];
      windows.push_back({.to = {first + place->input, place->input_line, place->input_plane},
                         .lines = rect.height(),
                         .columns = rect.width(),
                         .first_y = rect.y.first,
                         .first_x = rect.x.first,
                         .golden = image.golden,
                         .height = own.y.in,
                         .width = own.x.in,
                         .row = image.row,
                         .row_rect = image.row_rect,
                         .fill = fill_});
    }
    count = windows.size();
    backend.lay(windows, in_channels_[i]);
    inputs.push_back(chunk);
  }
  Results results{.outputs = call(inputs), .windows = {}};
  for (std::size_t o = 0; o < out_channels_.size(); ++o) {
    const Convolution own = of(in_channels_.front(), out_channels_[o]);
    ConvLayout layout(own, shape);
    auto* const first = static_cast<std::uint32_t*>(results.outputs[o].mutable_data_ptr());
    results.windows.emplace_back();
    for (std::size_t w = 0; w < count; ++w) {
      const ConvPlace place = *layout.next(wanted[w]);
      results.windows.back().push_back(
          {first + place.output, place.output_line, place.output_plane});
    }
  }
  return results;
}

}  // namespace softbeam::run
