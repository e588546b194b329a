#include "injectors/fault_model.h"

#include <bit>

namespace softbeam::injectors {
namespace {

std::uint64_t whole_word(DType dtype) { return ~std::uint64_t{0} >> (64 - bits(dtype)); }

// The k-th set bit of the mask, alone; precondition: k < popcount(mask).
std::uint64_t select_bit(std::uint64_t mask, std::uint64_t k) {
  for (; k > 0; --k) mask &= mask - 1;
  return mask & (~mask + 1);
}

std::uint64_t draw_bit(std::uint64_t allowed, Stream& stream) {
  return select_bit(allowed, stream.below(static_cast<std::uint64_t>(std::popcount(allowed))));
}

}  // namespace

Masks draw_masks(const FaultModel& model, DType dtype, Stream& stream) {
  const std::uint64_t all = whole_word(dtype);
  switch (model.operation) {
    case Operation::bit_flip:
      return {.keep = all, .flip = draw_bit(model.bits, stream)};
    case Operation::stuck_at_0:
      return {.keep = all & ~draw_bit(model.bits, stream), .flip = 0};
    case Operation::stuck_at_1: {
      const std::uint64_t bit = draw_bit(model.bits, stream);
      return {.keep = all & ~bit, .flip = bit};
    }
    case Operation::zero:
      return {.keep = 0, .flip = 0};
    case Operation::set_value:
      return {.keep = 0, .flip = model.value & all};
    case Operation::random_value:
      return {.keep = 0, .flip = stream.next64() & all};
  }
  return {.keep = all, .flip = 0};
}

std::uint64_t touched_bits(Masks masks, DType dtype) {
  return (masks.flip | ~masks.keep) & whole_word(dtype);
}

}  // namespace softbeam::injectors
