#include "injectors/census.h"

namespace softbeam::injectors {
namespace {

std::uint64_t mask(BitRange range) {
  return (~std::uint64_t{0} >> (64 - range.high)) & (~std::uint64_t{0} << range.low);
}

}  // namespace

FloatFields float_fields(DType dtype) {
  return {.sign = mask(*field_bits(dtype, Field::sign)),
          .exponent = mask(*field_bits(dtype, Field::exponent)),
          .mantissa = mask(*field_bits(dtype, Field::mantissa))};
}

}  // namespace softbeam::injectors
