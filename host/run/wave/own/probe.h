// Finds out in which order the library adds up the products of a convolution or linear layer, from
// outputs that it computed. Used when a layer is prepared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/run/wave/own/sum_order.h"

namespace softbeam::run {

std::string describe(const SumOrder& order);

// One output, slow and plain: `inputs` and `weights` are [taps][channels].
float sum_in_order(const SumOrder& order, std::int32_t taps, std::int32_t channels,
                   const float* inputs, const float* weights, float bias);

// What libraries are known to do: oneDNN's kernels with AVX-512 (blocks of 16 channels, chunks of
// any multiple of 16 for 1x1 kernels) and AVX2 (one chain over blocks of 8), MKL's matrix products
// (chunks); the likely ones first. No two of them are the same sum.
std::vector<SumOrder> known_orders(std::int32_t taps, std::int32_t channels, bool has_bias);

// One output that the library computed.
struct SumSample {
  std::vector<float> inputs;  // [taps][channels]
  std::vector<float> weights;
  float bias = 0.0F;
  float result = 0.0F;
};
// The first order that gives every sample's result in every bit; nothing known if block is 0.
SumOrder find_order(std::int32_t taps, std::int32_t channels, bool has_bias,
                    std::span<const SumSample> samples);

}  // namespace softbeam::run
