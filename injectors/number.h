// Stored words as numbers and back, for bodies that compute: exact widening, and rounding to
// nearest with ties to even. On integers, so that CPU and GPU give the same bits.
#pragma once

#include <cstdint>

#include "injectors/host_device.h"

namespace softbeam::injectors {

template <class To, class From>
SB_HD constexpr To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}

// Each type: its word, the type that sums are computed in, and the two conversions. A NaN stays a
// NaN; which one is not promised.
struct Float32 {
  using Word = std::uint32_t;
  using Sum = float;
  SB_HD static constexpr float widen(Word word) { return bits_as<float>(word); }
  SB_HD static constexpr Word narrow(float number) { return bits_as<Word>(number); }
};

struct Float64 {
  using Word = std::uint64_t;
  using Sum = double;
  SB_HD static constexpr double widen(Word word) { return bits_as<double>(word); }
  SB_HD static constexpr Word narrow(double number) { return bits_as<Word>(number); }
};

// x / 2^shift, rounded to nearest, ties to even; 1 <= shift < 32.
SB_HD constexpr std::uint32_t shifted_to_even(std::uint32_t x, int shift) {
  const std::uint32_t quotient = x >> shift;
  const std::uint32_t rest = x & ((std::uint32_t{1} << shift) - 1);
  const std::uint32_t half = std::uint32_t{1} << (shift - 1);
  return quotient + ((rest > half || (rest == half && (quotient & 1) != 0)) ? 1 : 0);
}

struct BFloat16 {
  using Word = std::uint16_t;
  using Sum = float;
  SB_HD static constexpr float widen(Word word) {
    return bits_as<float>(static_cast<std::uint32_t>(word) << 16);
  }
  SB_HD static constexpr Word narrow(float number) {
    if (number != number) return 0x7fc0;
    // A carry out of the mantissa moves to the next binade, or to infinity, by itself.
    return static_cast<Word>(shifted_to_even(bits_as<std::uint32_t>(number), 16));
  }
};

struct Float16 {
  using Word = std::uint16_t;
  using Sum = float;
  SB_HD static constexpr float widen(Word word) {
    const std::uint32_t sign = static_cast<std::uint32_t>(word & 0x8000U) << 16;
    const std::uint32_t exponent = (word >> 10) & 0x1fU;
    const std::uint32_t mantissa = word & 0x3ffU;
    if (exponent == 0) {
      const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;  // exact
      return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t wide = exponent == 0x1f ? 0xffU : exponent + 112;
    return bits_as<float>(sign | (wide << 23) | (mantissa << 13));
  }
  SB_HD static constexpr Word narrow(float number) {
    const auto word = bits_as<std::uint32_t>(number);
    const std::uint32_t sign = (word >> 16) & 0x8000U;
    const std::uint32_t magnitude = word & 0x7fffffffU;
    if (magnitude > 0x7f800000U) return 0x7e00;
    // 65520 is half-way between the largest number and what would be the next one.
    if (magnitude >= 0x477ff000U) return static_cast<Word>(sign | 0x7c00U);
    if (magnitude >= 0x38800000U) {
      return static_cast<Word>(sign | shifted_to_even(magnitude - (std::uint32_t{112} << 23), 13));
    }
    // Denormal: the hidden bit becomes visible and moves right; half of the least one rounds to 0.
    const int shift = 126 - static_cast<int>(magnitude >> 23);
    if (shift > 24) return static_cast<Word>(sign);
    return static_cast<Word>(sign | shifted_to_even((magnitude & 0x7fffffU) | 0x800000U, shift));
  }
};

}  // namespace softbeam::injectors
