// Numbers to stored words and back. All conversions are done on integers: hardware conversions
// would turn signalling NaNs into quiet ones, and going through float32 would round twice.
#include <bit>
#include <cmath>

#include "injectors/fault_model.h"

namespace softbeam::injectors {
namespace {

constexpr int double_mantissa = 52;
constexpr int double_bias = 1023;
constexpr int double_special = 0x7ff;  // exponent field of infinities and NaNs
constexpr std::uint64_t hidden_bit = std::uint64_t{1} << double_mantissa;

// An IEEE 754 binary format narrower than double.
struct Format {
  int exponent_bits;
  int mantissa_bits;

  int bias() const { return (1 << (exponent_bits - 1)) - 1; }
  int special() const { return (1 << exponent_bits) - 1; }
  int sign_bit() const { return exponent_bits + mantissa_bits; }
  std::uint64_t quiet_bit() const { return std::uint64_t{1} << (mantissa_bits - 1); }
  std::uint64_t mantissa_mask() const { return (std::uint64_t{1} << mantissa_bits) - 1; }
};

Format format_of(DType dtype) {
  const BitRange exponent = *field_bits(dtype, Field::exponent);
  return {.exponent_bits = exponent.high - exponent.low, .mantissa_bits = exponent.low};
}

// x / 2^shift, rounded to nearest, ties to even; 1 <= shift < 64.
std::uint64_t shift_rounded(std::uint64_t x, int shift) {
  const std::uint64_t quotient = x >> shift;
  const std::uint64_t rest = x & ((std::uint64_t{1} << shift) - 1);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  return quotient + ((rest > half || (rest == half && (quotient & 1) != 0)) ? 1 : 0);
}

// Magnitude of a finite number. Exponent and mantissa are one integer, so that a carry out of the
// mantissa moves to the next binade, or to infinity, by itself.
std::uint64_t narrow_finite(int exponent, std::uint64_t mantissa, const Format& format) {
  const int dropped = double_mantissa - format.mantissa_bits;
  const int narrow_exponent = exponent - double_bias + format.bias();
  if (narrow_exponent >= format.special()) {
    return static_cast<std::uint64_t>(format.special()) << format.mantissa_bits;
  }
  if (narrow_exponent > 0) {
    const auto field = static_cast<std::uint64_t>(narrow_exponent) << double_mantissa;
    return shift_rounded(field | mantissa, dropped);
  }
  // Denormal: the hidden bit becomes visible and moves right; far below the least one, zero.
  const int shift = dropped + 1 - narrow_exponent;
  if (shift > double_mantissa + 1) return 0;
  return shift_rounded(hidden_bit | mantissa, shift);
}

std::uint64_t narrow(std::uint64_t word, const Format& format) {
  const std::uint64_t sign = (word >> 63) << format.sign_bit();
  const int exponent = static_cast<int>(word >> double_mantissa) & double_special;
  const std::uint64_t mantissa = word & (hidden_bit - 1);
  if (exponent != double_special) return sign | narrow_finite(exponent, mantissa, format);
  const auto infinity = static_cast<std::uint64_t>(format.special()) << format.mantissa_bits;
  std::uint64_t payload = mantissa >> (double_mantissa - format.mantissa_bits);
  // A NaN whose payload does not fit must not become an infinity.
  if (mantissa != 0 && payload == 0) payload = format.quiet_bit();
  return sign | infinity | payload;
}

std::uint64_t widen(std::uint64_t word, const Format& format) {
  const std::uint64_t sign = (word >> format.sign_bit()) << 63;
  const int exponent = static_cast<int>(word >> format.mantissa_bits) & format.special();
  const std::uint64_t mantissa = word & format.mantissa_mask();
  const int shift = double_mantissa - format.mantissa_bits;
  if (exponent == 0) {
    const double magnitude =
        std::ldexp(static_cast<double>(mantissa), 1 - format.bias() - format.mantissa_bits);
    return sign | std::bit_cast<std::uint64_t>(magnitude);
  }
  const int wide =
      exponent == format.special() ? double_special : exponent - format.bias() + double_bias;
  return sign | (static_cast<std::uint64_t>(wide) << double_mantissa) | (mantissa << shift);
}

std::optional<std::uint64_t> encode_integer(double number, DType dtype) {
  const bool is_signed = field_bits(dtype, Field::sign).has_value();
  const int width = bits(dtype);
  const double limit = std::ldexp(1.0, is_signed ? width - 1 : width);
  const bool fits = number >= (is_signed ? -limit : 0.0) && number < limit;
  if (!fits || number != std::trunc(number)) return std::nullopt;  // NaN does not fit
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(number)) &
         (~std::uint64_t{0} >> (64 - width));
}

double decode_integer(std::uint64_t word, DType dtype) {
  if (!field_bits(dtype, Field::sign)) return static_cast<double>(word);
  const int unused = 64 - bits(dtype);
  return static_cast<double>(static_cast<std::int64_t>(word << unused) >> unused);
}

}  // namespace

std::optional<std::uint64_t> encode(double number, DType dtype) {
  if (!is_floating(dtype)) return encode_integer(number, dtype);
  const auto word = std::bit_cast<std::uint64_t>(number);
  return dtype == DType::float64 ? word : narrow(word, format_of(dtype));
}

double decode(std::uint64_t word, DType dtype) {
  if (!is_floating(dtype)) return decode_integer(word, dtype);
  return std::bit_cast<double>(dtype == DType::float64 ? word : widen(word, format_of(dtype)));
}

}  // namespace softbeam::injectors
