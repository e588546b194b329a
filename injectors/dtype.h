// Element types of the words that faults strike, with the bit fields of each.
// Bit 0 is the least significant bit of the stored word.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace softbeam::injectors {

enum class DType : std::uint8_t {
  float32,
  float16,
  bfloat16,
  float64,
  int8,
  uint8,
  int16,
  int32,
  int64
};

// Half-open range of bit indices [low, high).
struct BitRange {
  int low = 0;
  int high = 0;
  friend constexpr bool operator==(const BitRange&, const BitRange&) = default;
};

enum class Field : std::uint8_t { sign, exponent, mantissa };

int bits(DType dtype);   // width of a word in bits: 8, 16, 32 or 64
int bytes(DType dtype);  // width of a word in bytes
bool is_floating(DType dtype);
std::string_view name(DType dtype);  // "float32"
std::optional<DType> parse_dtype(std::string_view text);

// Bits of a field (IEEE 754 layouts; bfloat16 as the upper half of float32). Signed integers have
// a sign and, as their mantissa, the bits below it; unsigned ones a mantissa alone.
// Returns nothing where the type lacks the field.
std::optional<BitRange> field_bits(DType dtype, Field field);
std::string_view name(Field field);  // "exponent"
std::optional<Field> parse_field(std::string_view text);

// The field that a bit of this type belongs to; precondition: 0 <= bit < bits(dtype).
Field field_of(DType dtype, int bit);

}  // namespace softbeam::injectors
