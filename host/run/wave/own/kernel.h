// The inner loops of our own convolution and matrix product: many outputs at once, each added up in
// the order given. One body, compiled for two instruction sets; the machine's is chosen at run
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "host/run/wave/own/sum_order.h"

namespace softbeam::run {

enum class InstructionSet : std::uint8_t { avx2, avx512 };
// The best that this processor has; nothing where it has neither (then there is no own kernel).
std::optional<InstructionSet> instruction_set();
// Output channels of one vector.
constexpr std::int32_t lanes(InstructionSet set) { return set == InstructionSet::avx512 ? 16 : 8; }
// Vectors that are computed together where there are enough; a panel of weights is laid out so.
inline constexpr std::int32_t vectors_together = 2;

// Sums over taps and channels, for whole vectors of output channels.
struct SumJob {
  const float* const* inputs = nullptr;  // by position: what its first tap reads
  std::size_t positions = 0;
  const std::ptrdiff_t* taps =
      nullptr;  // words from there to each tap; channels follow one another
  std::int32_t tap_count = 1;
  std::int32_t channels = 1;
  SumOrder order;
  const float* weights = nullptr;  // a panel (panel.h)
  const float* bias = nullptr;     // whole vectors; unused where the order has none
  float* output = nullptr;         // [position][vectors * lanes]
  std::ptrdiff_t output_stride = 0;
  std::int32_t vectors = 1;
};
void run(const SumJob& job, InstructionSet set);

// Depthwise: each channel with a filter of its own, one chain over the taps.
struct DepthwiseJob {
  const float* const* inputs = nullptr;
  std::size_t positions = 0;
  const std::ptrdiff_t* taps = nullptr;
  std::int32_t tap_count = 1;
  BiasAt bias_at = BiasAt::none;   // none, first or last
  const float* weights = nullptr;  // [tap][vectors * lanes]
  const float* bias = nullptr;
  float* output = nullptr;
  std::ptrdiff_t output_stride = 0;
  std::int32_t vectors = 1;
};
void run(const DepthwiseJob& job, InstructionSet set);

}  // namespace softbeam::run
