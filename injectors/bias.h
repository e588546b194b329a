// Adds a convolution's bias to its output, as ATen does: in the type that sums have, rounded once.
// The body of the bias kernel.
#pragma once

#include <cstdint>

#include "injectors/divide.h"
#include "injectors/host_device.h"

namespace softbeam::injectors {

// How channels follow one another: words that stand between two of them, and their number.
struct Channels {
  std::uint64_t inner = 1;  // height * width in NCHW, 1 in NHWC
  std::uint64_t count = 1;
};

// Word `i` of a batch of images.
template <class Type>
SB_HD constexpr void add_bias(std::uint64_t i, Channels channels, const typename Type::Word* bias,
                              typename Type::Word* data) {
  const std::uint64_t channel = divided(divided(i, channels.inner).quotient, channels.count).rest;
  data[i] = Type::narrow(Type::widen(data[i]) + Type::widen(bias[channel]));
}

}  // namespace softbeam::injectors
