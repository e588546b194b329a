#include "host/run/wave/conv_layer.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

namespace softbeam::run {
namespace {

// Zeros that the node puts behind the last input, beyond those in front.
std::int64_t extra_behind(const injectors::Axis& axis) {
  const std::int64_t behind =
      std::int64_t{axis.out - 1} * axis.stride + axis.reach() - axis.padding - axis.in;
  return std::max<std::int64_t>(behind - axis.padding, 0);
}

}  // namespace

Convolve library_convolution() {
  return [](const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
            at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
            std::int64_t groups) {
    return at::conv2d(input, weight, bias, stride, padding, dilation, groups);
  };
}

at::Tensor ConvLayer::whole(const at::Tensor& input) const {
  const injectors::Axis& y = geometry.y;
  const injectors::Axis& x = geometry.x;
  const std::int64_t below = extra_behind(y);
  const std::int64_t right = extra_behind(x);
  const bool uneven = below > 0 || right > 0;
  return convolve(uneven ? at::constant_pad_nd(input, {0, right, 0, below}) : input, weight, bias,
                  {y.stride, x.stride}, {y.padding, x.padding}, {y.dilation, x.dilation},
                  geometry.groups);
}

at::Tensor ConvLayer::call(const ConvShape& shape, const ConvLayout& layout, float* input) const {
  const at::Tensor tensor = at::from_blob(input, layout.input_sizes(), at::kFloat);
  switch (shape.packing) {
    case Packing::cells:
      return whole(tensor);
    case Packing::pixels:
      return convolve(tensor, weight, bias, {1, 1}, {0, 0}, {1, 1}, geometry.groups);
    case Packing::images:
      break;
  }
  return convolve(tensor, weight, bias, {geometry.y.stride, geometry.x.stride}, {0, 0},
                  {geometry.y.dilation, geometry.x.dilation}, geometry.groups);
}

}  // namespace softbeam::run
