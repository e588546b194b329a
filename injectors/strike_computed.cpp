#include "injectors/strike_computed.h"

#include "injectors/census.h"
#include "injectors/nan.h"

namespace softbeam::injectors {

NanRule nan_rule(DType dtype) {
  if (!is_floating(dtype)) return {};
  const FloatFields fields = float_fields(dtype);
  return {fields.exponent, fields.mantissa, canonical_nan(dtype)};
}

}  // namespace softbeam::injectors
