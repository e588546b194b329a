// Proves that a form computes what the library computes on whole images, bit for bit, before its
// results are used. Used by ConvNode.
#pragma once

#include <string>

#include "host/run/wave/conv_chunk.h"
#include "host/run/wave/proof_images.h"

namespace softbeam::run {

struct Proof {
  std::string failure;  // "": proved
  double seconds = 0;   // of one call, when warm
};

// Windows at random places, borders and corners included, of golden, of noise and of hostile
// values.
Proof prove(const ConvLayer& layer, const ConvShape& shape, const GoldenImages& golden,
            const ProofImages& images, injectors::Stream& random, FloatBuffer& buffer);

}  // namespace softbeam::run
