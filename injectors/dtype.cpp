#include "injectors/dtype.h"

#include <array>
#include <cstddef>

namespace softbeam::injectors {
namespace {

struct Layout {
  std::string_view name;
  int bits;
  int mantissa_bits;
  bool has_sign;
};

// In the order of the enumerators. What lies between mantissa and sign is the exponent.
constexpr std::array<Layout, 9> layouts = {{{"float32", 32, 23, true},
                                            {"float16", 16, 10, true},
                                            {"bfloat16", 16, 7, true},
                                            {"float64", 64, 52, true},
                                            {"int8", 8, 7, true},
                                            {"uint8", 8, 8, false},
                                            {"int16", 16, 15, true},
                                            {"int32", 32, 31, true},
                                            {"int64", 64, 63, true}}};

constexpr std::array<std::string_view, 3> field_names = {"sign", "exponent", "mantissa"};

const Layout& layout(DType dtype) { return layouts[static_cast<std::size_t>(dtype)]; }

}  // namespace

int bits(DType dtype) { return layout(dtype).bits; }

int bytes(DType dtype) { return layout(dtype).bits / 8; }

bool is_floating(DType dtype) { return field_bits(dtype, Field::exponent).has_value(); }

std::string_view name(DType dtype) { return layout(dtype).name; }

std::optional<DType> parse_dtype(std::string_view text) {
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    if (layouts[i].name == text) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::optional<BitRange> field_bits(DType dtype, Field field) {
  const Layout& type = layout(dtype);
  const int sign_bit = type.has_sign ? type.bits - 1 : type.bits;
  BitRange range;
  switch (field) {
    case Field::sign:
      range = {sign_bit, type.bits};
      break;
    case Field::exponent:
      range = {type.mantissa_bits, sign_bit};
      break;
    case Field::mantissa:
      range = {0, type.mantissa_bits};
      break;
  }
  if (range.low == range.high) return std::nullopt;
  return range;
}

std::string_view name(Field field) { return field_names[static_cast<std::size_t>(field)]; }

std::optional<Field> parse_field(std::string_view text) {
  for (std::size_t i = 0; i < field_names.size(); ++i) {
    if (field_names[i] == text) return static_cast<Field>(i);
  }
  return std::nullopt;
}

Field field_of(DType dtype, int bit) {
  const Layout& type = layout(dtype);
  if (bit < type.mantissa_bits) return Field::mantissa;
  return bit == type.bits - 1 ? Field::sign : Field::exponent;
}

}  // namespace softbeam::injectors
