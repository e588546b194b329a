// Strikes of words that the model computed. Arithmetic does not say which NaN it gives, so a NaN
// among them is taken for the canonical one; one that the masks leave as it is stays in memory.
// The bodies of the kernels that strike outputs; host/run does the same in two calls.
#pragma once

#include <cstdint>

#include "injectors/apply.h"
#include "injectors/corruption.h"
#include "injectors/dtype.h"
#include "injectors/host_device.h"

namespace softbeam::injectors {

// How to tell a NaN, and the one that all are taken for. For integer types no word is a NaN.
struct NanRule {
  std::uint64_t exponent = 0;
  std::uint64_t mantissa = 0;
  std::uint64_t canonical = 0;
};

NanRule nan_rule(DType dtype);

template <class Word>
SB_HD constexpr bool is_nan(const NanRule& rule, Word word) {
  return (word & rule.mantissa) != 0 && (word & rule.exponent) == rule.exponent;
}

// Strikes word `i` of the list in place and reports what it started from.
template <class Word>
SB_HD constexpr void strike_computed_word(std::uint64_t i, const Strike* strikes,
                                          const NanRule& rule, Word* data, Effect* effects) {
  const Strike strike = strikes[i];
  Word& word = data[strike.offset];
  const Word before = is_nan(rule, word) ? static_cast<Word>(rule.canonical) : word;
  const Word after = apply(strike.masks, before);
  effects[i].before = before;
  if (after != before) word = after;
}

// Reads word `i` back from memory, in a later pass than the write. A NaN that the masks left as it
// is reads as the canonical one.
template <class Word>
SB_HD constexpr void read_back_computed(std::uint64_t i, const Strike* strikes, const NanRule& rule,
                                        const Word* data, Effect* effects) {
  const Word word = data[strikes[i].offset];
  const auto before = static_cast<Word>(effects[i].before);
  const bool left = is_nan(rule, before) && apply(strikes[i].masks, before) == before;
  effects[i].after = left && is_nan(rule, word) ? before : word;
}

}  // namespace softbeam::injectors
