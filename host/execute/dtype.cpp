#include "host/execute/dtype.h"

namespace softbeam::execute {

std::optional<injectors::DType> from_scalar_type(at::ScalarType type) {
  using injectors::DType;
  switch (type) {
    case at::kFloat:
      return DType::float32;
    case at::kHalf:
      return DType::float16;
    case at::kBFloat16:
      return DType::bfloat16;
    case at::kDouble:
      return DType::float64;
    case at::kChar:
      return DType::int8;
    case at::kByte:
      return DType::uint8;
    case at::kShort:
      return DType::int16;
    case at::kInt:
      return DType::int32;
    case at::kLong:
      return DType::int64;
    default:
      return std::nullopt;
  }
}

}  // namespace softbeam::execute
