#include "injectors/dtype.h"

#include <gtest/gtest.h>

#include <string>

#include "injectors/corruption.h"
#include "tests/injectors/every_dtype.h"

namespace softbeam::injectors {
namespace {

TEST(DType, NamesAndWidthsAreThoseOfTheTypes) {
  const std::vector<std::pair<std::string_view, int>> expected = {
      {"float32", 32}, {"float16", 16}, {"bfloat16", 16}, {"float64", 64}, {"int8", 8},
      {"uint8", 8},    {"int16", 16},   {"int32", 32},    {"int64", 64}};
  ASSERT_EQ(expected.size(), every_dtype.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(name(every_dtype[i]), expected[i].first);
    EXPECT_EQ(bits(every_dtype[i]), expected[i].second);
    EXPECT_EQ(bytes(every_dtype[i]) * 8, expected[i].second);
    EXPECT_EQ(is_floating(every_dtype[i]), expected[i].first.find("float") != std::string::npos);
  }
}

TEST(DType, NamesAreReadBack) {
  for (const DType dtype : every_dtype) EXPECT_EQ(parse_dtype(name(dtype)), dtype);
  for (const Field field : every_field) EXPECT_EQ(parse_field(name(field)), field);
  for (const char* text : {"", "float", "Float32", "float32 ", "double"}) {
    EXPECT_EQ(parse_dtype(text), std::nullopt) << text;
  }
  for (const char* text : {"", "Sign", "sign ", "fraction"}) {
    EXPECT_EQ(parse_field(text), std::nullopt) << text;
  }
}

TEST(DType, FieldsAreThoseOfTheStandardLayouts) {
  using Range = std::optional<BitRange>;
  EXPECT_EQ(field_bits(DType::float32, Field::sign), (Range{{31, 32}}));
  EXPECT_EQ(field_bits(DType::float32, Field::exponent), (Range{{23, 31}}));
  EXPECT_EQ(field_bits(DType::float32, Field::mantissa), (Range{{0, 23}}));
  EXPECT_EQ(field_bits(DType::float16, Field::exponent), (Range{{10, 15}}));
  EXPECT_EQ(field_bits(DType::bfloat16, Field::exponent), (Range{{7, 15}}));
  EXPECT_EQ(field_bits(DType::float64, Field::exponent), (Range{{52, 63}}));
  EXPECT_EQ(field_bits(DType::int8, Field::sign), (Range{{7, 8}}));
  EXPECT_EQ(field_bits(DType::int8, Field::exponent), std::nullopt);
  EXPECT_EQ(field_bits(DType::int32, Field::mantissa), (Range{{0, 31}}));
  EXPECT_EQ(field_bits(DType::uint8, Field::sign), std::nullopt);
  EXPECT_EQ(field_bits(DType::uint8, Field::mantissa), (Range{{0, 8}}));
}

TEST(DType, FieldsCoverEveryBitOnce) {
  for (const DType dtype : every_dtype) {
    for (int bit = 0; bit < bits(dtype); ++bit) {
      int holders = 0;
      for (const Field field : every_field) {
        const auto range = field_bits(dtype, field);
        if (!range || bit < range->low || bit >= range->high) continue;
        ++holders;
        EXPECT_EQ(field_of(dtype, bit), field) << name(dtype) << " bit " << bit;
      }
      EXPECT_EQ(holders, 1) << name(dtype) << " bit " << bit;
    }
  }
}

TEST(Operation, NamesAreReadBack) {
  const std::vector<std::pair<Operation, std::string_view>> expected = {
      {Operation::bit_flip, "bitflip"},      {Operation::stuck_at_0, "stuck_at_0"},
      {Operation::stuck_at_1, "stuck_at_1"}, {Operation::zero, "zero"},
      {Operation::set_value, "set"},         {Operation::random_value, "random"}};
  for (const auto& [operation, text] : expected) {
    EXPECT_EQ(name(operation), text);
    EXPECT_EQ(parse_operation(text), operation);
  }
  EXPECT_EQ(parse_operation("bit_flip"), std::nullopt);
  EXPECT_EQ(parse_operation(""), std::nullopt);
}

}  // namespace
}  // namespace softbeam::injectors
