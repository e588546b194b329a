// Counts the NaNs and infinities of rows by the bits of their words; the body of the census kernel.
// Used where outputs are judged.
#pragma once

#include <cstdint>

#include "injectors/dtype.h"
#include "injectors/host_device.h"
#include "injectors/laid_window.h"

namespace softbeam::injectors {

// Where the fields of a floating-point word lie; plain data, so that kernels take it by value.
struct FloatFields {
  std::uint64_t sign = 0;
  std::uint64_t exponent = 0;
  std::uint64_t mantissa = 0;
};

// Precondition: a floating-point type.
FloatFields float_fields(DType dtype);

struct Census {
  std::uint64_t nan = 0;
  std::uint64_t positive_infinity = 0;
  std::uint64_t negative_infinity = 0;
  // Words that are not finite where golden was, or NaN where golden was infinite.
  std::uint64_t lost = 0;
  friend constexpr bool operator==(const Census&, const Census&) = default;
};

SB_HD constexpr Census merged(const Census& a, const Census& b) {
  return {a.nan + b.nan, a.positive_infinity + b.positive_infinity,
          a.negative_infinity + b.negative_infinity, a.lost + b.lost};
}

// Of one word; infinities have no mantissa, NaNs have one.
template <class Word>
SB_HD constexpr Census census_of(const FloatFields& fields, Word word, Word golden) {
  const auto special = [&](Word w) { return (w & fields.exponent) == fields.exponent; };
  if (!special(word)) return {};
  const bool is_nan = (word & fields.mantissa) != 0;
  const bool golden_is_nan = special(golden) && (golden & fields.mantissa) != 0;
  const bool negative = (word & fields.sign) != 0;
  const bool lost = !special(golden) || (is_nan && !golden_is_nan);
  return {is_nan, !is_nan && !negative, !is_nan && negative, lost};
}

// Of word `i` of [channels][lines][columns].
template <class Word>
SB_HD constexpr Census census_at(const ComparedWindowOf<Word>& window, const FloatFields& fields,
                                 std::int64_t i) {
  const Pixel p = pixel_of(i, window.lines, window.columns);
  return census_of(fields, *window.row.at(p.channel, p.y, p.x),
                   *window.golden.at(p.channel, p.y, p.x));
}

}  // namespace softbeam::injectors
