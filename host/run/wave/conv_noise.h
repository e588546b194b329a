// A convolution of a node's own shape with random weights on random images. Real weights can hide
// the order in which the library adds (one huge weight drowns all others) or the signs of its zero
// sums; these do not. Used by ConvNode's proofs.
#pragma once

#include "host/run/wave/conv_layer.h"
#include "host/run/wave/proof_images.h"

namespace softbeam::run {

struct NoiseLayer {
  ConvLayer layer;
  at::Tensor inputs;
  at::Tensor outputs;
  GoldenImages golden;  // of inputs and outputs
  ProofImages images;   // hostile: nearly all zeros, of both signs
};

// The library's results are those of batches of this size.
NoiseLayer make_noise(const ConvLayer& layer, std::size_t batch, injectors::Stream& random);

}  // namespace softbeam::run
