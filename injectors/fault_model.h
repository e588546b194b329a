// What a fault does to a word, before it is known which word: operation, allowed bits, value.
// Draws the masks of one corruption from a random stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "injectors/corruption.h"
#include "injectors/dtype.h"
#include "injectors/rng.h"

namespace softbeam::injectors {

// One entry of `faults.bits`: an index, an inclusive range "0-31", or a field "exponent".
using BitSelector = std::variant<BitRange, Field>;
// Accepts "7", "0-31", "sign", "exponent", "mantissa". Returns nothing for anything else, negative
// or reversed ranges ("9-3") included.
std::optional<BitSelector> parse_bits(std::string_view text);
std::string to_string(const BitSelector& selector);

// The set of bits of this type that the selectors name, as a mask (bit i set = bit i allowed).
// An empty list means every bit of the word. On failure `error` says which selector does not fit
// the type and what would ("bit 32 is outside float32 (bits 0-31)").
struct BitSet {
  std::uint64_t mask = 0;
  std::string error;
};
BitSet resolve_bits(const std::vector<BitSelector>& selectors, DType dtype);

// Stored word of a number in this type, rounded to nearest even; nothing if an integer type cannot
// hold the number (out of range, a fraction, NaN).
std::optional<std::uint64_t> encode(double number, DType dtype);
double decode(std::uint64_t word, DType dtype);

struct FaultModel {
  Operation operation = Operation::bit_flip;
  std::uint64_t bits = 0;   // allowed bits; used by bit_flip and stuck-at
  std::uint64_t value = 0;  // stored word; used by set_value
};

// Masks of one corruption. bit_flip and stuck-at draw one bit uniformly from `bits` (precondition:
// not 0); random_value draws a whole word; zero and set_value draw nothing.
Masks draw_masks(const FaultModel& model, DType dtype, Stream& stream);

// The bits that the masks may change (flipped or not kept), zeros above the word's width.
std::uint64_t touched_bits(Masks masks, DType dtype);

}  // namespace softbeam::injectors
