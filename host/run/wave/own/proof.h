// Finds the library's order of additions at a layer and proves our own kernel there, bit for bit,
// before its results are used. Used by ConvNode.
#pragma once

#include <memory>
#include <string>

#include "host/run/wave/conv_noise.h"
#include "host/run/wave/own/layer.h"

namespace softbeam::run {

struct OwnProof {
  std::unique_ptr<const OwnLayer> layer;  // null: not exact here, or not faster than the library
  std::string failure;                    // why
  double seconds_per_image = 0;
};

// The order is found from 300 outputs, two thirds of them of random weights on noise, and proved on
// whole images (golden, noise, hostile values; random weights on noise and on zeros of both signs)
// and on windows at corners, borders and random places.
OwnProof prove_own(const ConvLayer& layer, const GoldenImages& golden, const ProofImages& images,
                   const NoiseLayer& noise, InstructionSet set, injectors::Stream& random);

}  // namespace softbeam::run
