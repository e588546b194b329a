// A convolution with golden images and faulty ones, without a graph: what forms are tried on.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <array>
#include <string>
#include <vector>

#include "host/run/wave/conv_forms.h"
#include "host/run/wave/step_windows.h"

namespace softbeam::run {

struct LayerCase {
  std::string name;
  std::int32_t in_channels = 16;
  std::int32_t out_channels = 16;
  std::array<std::int32_t, 2> size{14, 14};
  std::array<std::int32_t, 2> kernel{3, 3};
  std::array<std::int32_t, 2> stride{1, 1};
  std::array<std::int32_t, 2> padding{1, 1};
  std::array<std::int32_t, 2> dilation{1, 1};
  std::int64_t groups = 1;
  bool bias = false;
  std::int32_t extra_behind = 0;  // zeros below and to the right alone
};

inline void PrintTo(const LayerCase& layer, std::ostream* out) { *out << layer.name; }

// `images` golden samples, and as many trials: each a row of random size and place laid over one.
class LayerFixture {
 public:
  explicit LayerFixture(const LayerCase& shape, std::int64_t images = 16) {
    at::set_num_threads(1);  // as workers do
    at::manual_seed(5);
    layer_.name = shape.name;
    layer_.geometry.y = axis(shape, 0);
    layer_.geometry.x = axis(shape, 1);
    layer_.geometry.groups = shape.groups;
    layer_.geometry.in_channels = shape.in_channels;
    layer_.geometry.out_channels = shape.out_channels;
    layer_.weight = at::randn(
        {shape.out_channels, shape.in_channels / shape.groups, shape.kernel[0], shape.kernel[1]});
    if (shape.bias) {
      layer_.bias = at::randn({shape.out_channels});
    }
    input_ = at::randn({images, shape.in_channels, shape.size[0], shape.size[1]});
    output_ = layer_.whole(input_).contiguous();
    make_trials();
    for (std::int64_t i = 0; i < images; ++i) {
      golden_.inputs.push_back(input_[i].const_data_ptr<float>());
      golden_.outputs.push_back(output_[i].const_data_ptr<float>());
    }
    for (std::size_t t = 0; t < rects_.size(); ++t) {
      windows_.push_back({.golden = golden_.inputs[t],
                          .row = rows_[t].const_data_ptr<float>(),
                          .row_rect = rects_[t],
                          .outputs = outputs_reached(layer_.geometry, rects_[t], WaveSettings{})});
    }
  }

  ConvLayer& layer() { return layer_; }
  const GoldenImages& golden() const { return golden_; }
  const at::Tensor& input() const { return input_; }
  const at::Tensor& golden_output() const { return output_; }
  const std::vector<ConvWindow>& windows() const { return windows_; }
  // The library's results of the trials' whole images.
  const float* expected(std::size_t trial) const {
    return faulty_output_[static_cast<std::int64_t>(trial)].const_data_ptr<float>();
  }
  const at::Tensor& faulty_output() const { return faulty_output_; }

 private:
  static injectors::Axis axis(const LayerCase& shape, std::size_t d) {
    injectors::Axis axis{shape.kernel[d],   shape.stride[d], shape.padding[d],
                         shape.dilation[d], shape.size[d],   1};
    axis.out = (axis.in + 2 * axis.padding + shape.extra_behind - axis.reach()) / axis.stride + 1;
    return axis;
  }

  void make_trials() {
    injectors::Stream random(7, 0, injectors::Purpose::probe);
    at::Tensor faulty = input_.clone();
    const auto span = [&](std::int32_t in) {
      const auto size =
          static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(std::min(in, 6)))) + 1;
      const auto first =
          static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(in - size + 1)));
      return injectors::Span{first, first + size};
    };
    for (std::int64_t t = 0; t < input_.size(0); ++t) {
      const injectors::Rect rect{span(layer_.geometry.y.in), span(layer_.geometry.x.in)};
      const at::Tensor row = at::randn({layer_.geometry.in_channels, rect.height(), rect.width()});
      faulty[t].slice(1, rect.y.first, rect.y.last).slice(2, rect.x.first, rect.x.last).copy_(row);
      rects_.push_back(rect);
      rows_.push_back(row);
    }
    faulty_output_ = layer_.whole(faulty).contiguous();
  }

  ConvLayer layer_;
  at::Tensor input_;
  at::Tensor output_;
  at::Tensor faulty_output_;
  GoldenImages golden_;
  std::vector<injectors::Rect> rects_;
  std::vector<at::Tensor> rows_;
  std::vector<ConvWindow> windows_;
};

}  // namespace softbeam::run
