#include "injectors/nan.h"

namespace softbeam::injectors {
namespace {

std::uint64_t mask(BitRange range) {
  return ((std::uint64_t{1} << (range.high - range.low)) - 1) << range.low;
}

}  // namespace

bool is_nan(DType dtype, std::uint64_t word) {
  if (!is_floating(dtype)) return false;
  const std::uint64_t exponent = mask(*field_bits(dtype, Field::exponent));
  const std::uint64_t mantissa = mask(*field_bits(dtype, Field::mantissa));
  return (word & exponent) == exponent && (word & mantissa) != 0;
}

std::uint64_t canonical_nan(DType dtype) {
  const BitRange mantissa = *field_bits(dtype, Field::mantissa);
  return mask(*field_bits(dtype, Field::exponent)) | std::uint64_t{1} << (mantissa.high - 1);
}

}  // namespace softbeam::injectors
