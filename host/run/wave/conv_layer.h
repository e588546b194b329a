// One convolution of the graph as the wave calls it: on tensors of any batch, in the shapes of its
// forms. Used by chunks and proofs.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "host/run/wave/conv_shape.h"

namespace softbeam::run {

// The library's convolution: input, weight, bias (may be undefined), stride, padding, dilation,
// groups. Tests put a wrong one in its place.
using Convolve =
    std::function<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                             at::IntArrayRef, at::IntArrayRef, at::IntArrayRef, std::int64_t)>;
Convolve library_convolution();

struct ConvLayer {
  Convolution geometry;
  at::Tensor weight;
  at::Tensor bias;   // undefined: none
  std::string name;  // for messages
  Convolve convolve = library_convolution();

  // On whole images, padded as the node does.
  at::Tensor whole(const at::Tensor& input) const;
  // On a tensor of one form. `input` holds the layout's input_elements().
  at::Tensor call(const ConvShape& shape, const ConvLayout& layout, float* input) const;
};

}  // namespace softbeam::run
