// In which order a library adds up the products of one output. Floating-point sums depend on it, so
// a kernel of our own is exact where it follows the same order. Used by the probe and the kernels.
#pragma once

#include <cstdint>

namespace softbeam::run {

enum class BiasAt : std::uint8_t {
  none,
  first,              // the first chain starts from it
  after_first_block,  // added to the first block's sum
  last,               // added to the whole sum
};

// Channels go in blocks. Within a block one chain of fused multiply-adds runs over the taps (lines
// of the kernel, then columns), and at each tap over the block's channels. Chains start from zero
// and are added up in order; or one chain continues over all blocks.
struct SumOrder {
  std::int32_t block = 1;  // channels; the last block may have fewer
  bool continuing = false;
  BiasAt bias = BiasAt::none;
  friend bool operator==(const SumOrder&, const SumOrder&) = default;
};

}  // namespace softbeam::run
