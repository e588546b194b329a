#include "host/model/exported/enums.h"

#include <fmt/core.h>

#include "host/model/exported/json.h"

namespace softbeam::model::exported {

c10::ScalarType scalar_type(std::int64_t code) {
  using c10::ScalarType;
  switch (code) {
    case 1:
      return ScalarType::Byte;
    case 2:
      return ScalarType::Char;
    case 3:
      return ScalarType::Short;
    case 4:
      return ScalarType::Int;
    case 5:
      return ScalarType::Long;
    case 6:
      return ScalarType::Half;
    case 7:
      return ScalarType::Float;
    case 8:
      return ScalarType::Double;
    case 9:
      return ScalarType::ComplexHalf;
    case 10:
      return ScalarType::ComplexFloat;
    case 11:
      return ScalarType::ComplexDouble;
    case 12:
      return ScalarType::Bool;
    case 13:
      return ScalarType::BFloat16;
    case 28:
      return ScalarType::UInt16;
    case 29:
      return ScalarType::Float8_e4m3fn;
    case 30:
      return ScalarType::Float8_e5m2;
    case 31:
      return ScalarType::Float8_e4m3fnuz;
    case 32:
      return ScalarType::Float8_e5m2fnuz;
    default:
      throw ShapeError(fmt::format("data type {} is unknown", code));
  }
}

c10::MemoryFormat memory_format(std::int64_t code) {
  using c10::MemoryFormat;
  switch (code) {
    case 1:
      return MemoryFormat::Contiguous;
    case 2:
      return MemoryFormat::ChannelsLast;
    case 3:
      return MemoryFormat::ChannelsLast3d;
    case 4:
      return MemoryFormat::Preserve;
    default:
      throw ShapeError(fmt::format("memory format {} is unknown", code));
  }
}

c10::Layout layout(std::int64_t code) {
  if (code != 7) {
    throw ShapeError(fmt::format("tensor layout {} is not supported (only 7, strided)", code));
  }
  return c10::Layout::Strided;
}

}  // namespace softbeam::model::exported
