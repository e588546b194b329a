// Bitwise comparison of results, in which any NaN equals any other: a NaN result counts as a class.
// Used by proofs and sentinels.
#pragma once

#include <bit>
#include <cstdint>

namespace softbeam::run {

inline bool same_word(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) || (a != a && b != b);
}

inline bool same_words(const float* a, const float* b, std::uint64_t words) {
  for (std::uint64_t i = 0; i < words; ++i) {
    if (!same_word(a[i], b[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace softbeam::run
