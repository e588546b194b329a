#include <gtest/gtest.h>

#include "injectors/fault_model.h"
#include "tests/injectors/every_dtype.h"

namespace softbeam::injectors {
namespace {

BitSet resolve(std::string_view text, DType dtype) {
  const auto selector = parse_bits(text);
  if (!selector) return {.mask = 0, .error = "not parsed"};
  return resolve_bits({*selector}, dtype);
}

TEST(Bits, AnIndexIsOneBit) {
  EXPECT_EQ(parse_bits("7"), BitSelector(BitRange{7, 8}));
  EXPECT_EQ(resolve("0", DType::int8).mask, 1U);
  EXPECT_EQ(resolve("63", DType::float64).mask, std::uint64_t{1} << 63);
}

TEST(Bits, ARangeIncludesBothEnds) {
  EXPECT_EQ(parse_bits("0-31"), BitSelector(BitRange{0, 32}));
  EXPECT_EQ(resolve("3-5", DType::uint8).mask, 0b111000U);
  EXPECT_EQ(resolve("4-4", DType::uint8).mask, 0b10000U);
  EXPECT_EQ(resolve("0-63", DType::int64).mask, ~std::uint64_t{0});
}

TEST(Bits, AFieldIsThatOfTheType) {
  EXPECT_EQ(parse_bits("exponent"), BitSelector(Field::exponent));
  EXPECT_EQ(resolve("exponent", DType::float32).mask, 0x7f800000U);
  EXPECT_EQ(resolve("exponent", DType::float16).mask, 0x7c00U);
  EXPECT_EQ(resolve("exponent", DType::bfloat16).mask, 0x7f80U);
  EXPECT_EQ(resolve("sign", DType::float64).mask, std::uint64_t{1} << 63);
  EXPECT_EQ(resolve("mantissa", DType::uint8).mask, 0xffU);
}

TEST(Bits, SeveralEntriesAreUnited) {
  const BitSet set = resolve_bits({Field::sign, BitRange{0, 2}, BitRange{1, 3}}, DType::float16);
  EXPECT_EQ(set.error, "");
  EXPECT_EQ(set.mask, 0x8007U);
}

TEST(Bits, NoEntriesMeanEveryBit) {
  for (const DType dtype : every_dtype) {
    const BitSet set = resolve_bits({}, dtype);
    EXPECT_EQ(set.error, "");
    EXPECT_EQ(set.mask, ~std::uint64_t{0} >> (64 - bits(dtype))) << name(dtype);
  }
}

TEST(Bits, TextOutsideTheGrammarIsRefused) {
  for (const char* text : {"",      "9-3",  "-1",         "0x3",          "sign ",
                           " sign", "Sign", "+7",         " 7",           "7 ",
                           "7-",    "-",    "--",         "1-2-3",        "1--2",
                           "0--0",  "1-+2", "1 - 2",      "1.5",          "1e1",
                           "0-31,", "all",  "2147483647", "0-2147483647", "99999999999999999999"}) {
    EXPECT_EQ(parse_bits(text), std::nullopt) << "'" << text << "'";
  }
  EXPECT_EQ(parse_bits(std::string_view("7\0", 2)), std::nullopt);
}

TEST(Bits, BitsOutsideTheTypeAreNamedWithTheTypesOwn) {
  EXPECT_EQ(resolve("32", DType::float32).error, "bit 32 is outside float32 (bits 0-31)");
  EXPECT_EQ(resolve("8", DType::int8).error, "bit 8 is outside int8 (bits 0-7)");
  EXPECT_EQ(resolve("0-31", DType::bfloat16).error, "bits 0-31 are outside bfloat16 (bits 0-15)");
  EXPECT_EQ(resolve("2147483646", DType::int64).error,
            "bit 2147483646 is outside int64 (bits 0-63)");
  EXPECT_EQ(resolve("32", DType::float32).mask, 0U);
}

TEST(Bits, AMissingFieldIsNamedWithTheTypesOwn) {
  EXPECT_EQ(resolve("sign", DType::uint8).error, "uint8 has no sign (its fields: mantissa)");
  EXPECT_EQ(resolve("exponent", DType::int32).error,
            "int32 has no exponent (its fields: sign, mantissa)");
}

TEST(Bits, OneBadEntrySpoilsTheList) {
  const BitSet set = resolve_bits({BitRange{0, 1}, BitRange{40, 41}}, DType::float32);
  EXPECT_EQ(set.mask, 0U);
  EXPECT_EQ(set.error, "bit 40 is outside float32 (bits 0-31)");
}

TEST(Bits, MalformedRangesMadeByCodeAreRefused) {
  EXPECT_NE(resolve_bits({BitRange{5, 5}}, DType::float32).error, "");
  EXPECT_NE(resolve_bits({BitRange{-1, 5}}, DType::float32).error, "");
}

TEST(Bits, SelectorsArePrintedAsTheyAreWritten) {
  for (const char* text : {"7", "0-31", "sign", "exponent", "mantissa"}) {
    EXPECT_EQ(to_string(*parse_bits(text)), text);
  }
}

}  // namespace
}  // namespace softbeam::injectors
