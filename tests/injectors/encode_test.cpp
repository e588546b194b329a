#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "injectors/fault_model.h"
#include "tests/injectors/every_dtype.h"
#include "tests/injectors/sampled.h"

namespace softbeam::injectors {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Half {
  DType dtype;
  int exponent_bits;
  int mantissa_bits;
};

class EncodeHalf : public testing::TestWithParam<Half> {
 protected:
  DType dtype() const { return GetParam().dtype; }
  std::uint64_t infinity_word() const {
    return ((1U << GetParam().exponent_bits) - 1) << GetParam().mantissa_bits;
  }
  // The textbook formula, on numbers instead of bits; `word` without sign, finite.
  double value(std::uint64_t word) const {
    const auto [type, exponent_bits, mantissa_bits] = GetParam();
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int exponent = static_cast<int>(word >> mantissa_bits);
    const double fraction =
        static_cast<double>(word % (1U << mantissa_bits)) / std::pow(2.0, mantissa_bits);
    return exponent == 0 ? fraction * std::pow(2.0, 1 - bias)
                         : (1.0 + fraction) * std::pow(2.0, exponent - bias);
  }
};

INSTANTIATE_TEST_SUITE_P(, EncodeHalf,
                         testing::Values(Half{DType::float16, 5, 10}, Half{DType::bfloat16, 8, 7}),
                         [](const auto& test) { return std::string(name(test.param.dtype)); });

TEST_P(EncodeHalf, EveryWordDecodesToItsTextbookValue) {
  for (std::uint64_t word = 0; word < infinity_word(); ++word) {
    ASSERT_EQ(decode(word, dtype()), value(word)) << word;
    const double negative = decode(word | 0x8000, dtype());
    ASSERT_EQ(negative, -value(word)) << word;
    ASSERT_TRUE(std::signbit(negative)) << word;
  }
  EXPECT_EQ(decode(infinity_word(), dtype()), infinity);
  EXPECT_EQ(decode(infinity_word() | 0x8000, dtype()), -infinity);
  for (std::uint64_t word = infinity_word() + 1; word < 0x8000; ++word) {
    ASSERT_TRUE(std::isnan(decode(word, dtype()))) << word;
    ASSERT_TRUE(std::isnan(decode(word | 0x8000, dtype()))) << word;
  }
}

TEST_P(EncodeHalf, EveryWordSurvivesTheRoundTrip) {
  // Signed zeros, denormals, infinities and all NaN payloads included.
  for (std::uint64_t word = 0; word <= 0xffff; ++word) {
    ASSERT_EQ(encode(decode(word, dtype()), dtype()), word);
  }
}

TEST_P(EncodeHalf, EveryNumberGoesToTheNearestWordAndTiesToTheEvenOne) {
  for (std::uint64_t word = 0; word + 1 < infinity_word(); ++word) {
    // Both are exact: neighbours differ by one unit of the format.
    const double middle = (value(word) + value(word + 1)) / 2;
    for (const double sign : {1.0, -1.0}) {
      const std::uint64_t sign_bit = sign < 0 ? 0x8000 : 0;
      ASSERT_EQ(encode(sign * std::nextafter(middle, 0.0), dtype()), word | sign_bit) << word;
      ASSERT_EQ(encode(sign * middle, dtype()), (word % 2 == 0 ? word : word + 1) | sign_bit)
          << word;
      ASSERT_EQ(encode(sign * std::nextafter(middle, infinity), dtype()), (word + 1) | sign_bit)
          << word;
    }
  }
}

TEST_P(EncodeHalf, NumbersBeyondTheLargestBecomeInfinity) {
  const double largest = value(infinity_word() - 1);
  const double unit = largest - value(infinity_word() - 2);
  EXPECT_EQ(encode(std::nextafter(largest + unit / 2, 0.0), dtype()), infinity_word() - 1);
  EXPECT_EQ(encode(largest + unit / 2, dtype()), infinity_word());
  EXPECT_EQ(encode(std::numeric_limits<double>::max(), dtype()), infinity_word());
  EXPECT_EQ(encode(-infinity, dtype()), infinity_word() | 0x8000);
}

TEST_P(EncodeHalf, TheLeastDoublesBecomeSignedZeros) {
  const double least = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(encode(least, dtype()), 0U);
  EXPECT_EQ(encode(-least, dtype()), 0x8000U);
  EXPECT_EQ(encode(-0.0, dtype()), 0x8000U);
}

TEST_P(EncodeHalf, ANanThatDoesNotFitStaysANan) {
  const auto nan = std::bit_cast<double>(std::uint64_t{0x7ff0000000000001});
  const std::uint64_t word = *encode(nan, dtype());
  EXPECT_TRUE(std::isnan(decode(word, dtype()))) << word;
}

TEST(Encode, Float32EqualsTheProcessorsConversion) {
  auto generator = tests::printed_generator();
  for (int i = 0; i < 1000000; ++i) {
    // Exponents around float32's own range: normal, denormal, overflowing, vanishing.
    const std::uint64_t exponent = 1023 - 160 + generator() % 320;
    const auto number = std::bit_cast<double>((generator() & 0x800fffffffffffff) | exponent << 52);
    const auto expected = std::bit_cast<std::uint32_t>(static_cast<float>(number));
    ASSERT_EQ(encode(number, DType::float32), expected) << number;
  }
}

TEST(Encode, Float32DecodesAsTheProcessorDoesAndKeepsEveryWord) {
  auto generator = tests::printed_generator();
  for (int i = 0; i < 1000000; ++i) {
    const auto word = static_cast<std::uint32_t>(generator());
    const auto number = std::bit_cast<float>(word);
    if (!std::isnan(number)) {
      ASSERT_EQ(decode(word, DType::float32), static_cast<double>(number)) << word;
    }
    ASSERT_EQ(encode(decode(word, DType::float32), DType::float32), word);
  }
  for (const std::uint32_t word : {0x7f800001U, 0xffbfffffU, 0x7fc00000U, 1U, 0x80000000U}) {
    EXPECT_EQ(encode(decode(word, DType::float32), DType::float32), word);
  }
}

TEST(Encode, Float64IsTheWordItself) {
  EXPECT_EQ(encode(1.0, DType::float64), 0x3ff0000000000000U);
  EXPECT_EQ(decode(0x8000000000000000, DType::float64), 0.0);
  const std::uint64_t signalling = 0x7ff0000000000001;
  EXPECT_EQ(encode(decode(signalling, DType::float64), DType::float64), signalling);
}

TEST(Encode, IntegersRoundTripOverAllShortWords) {
  for (const DType dtype : {DType::int8, DType::uint8, DType::int16}) {
    for (std::uint64_t word = 0; word < std::uint64_t{1} << bits(dtype); ++word) {
      ASSERT_EQ(encode(decode(word, dtype), dtype), word) << name(dtype);
    }
  }
  EXPECT_EQ(decode(0x80, DType::int8), -128.0);
  EXPECT_EQ(decode(0x80, DType::uint8), 128.0);
  EXPECT_EQ(encode(-1, DType::int16), 0xffffU);
  EXPECT_EQ(encode(-2, DType::int32), 0xfffffffeU);
  EXPECT_EQ(encode(-1, DType::int64), ~std::uint64_t{0});
  EXPECT_EQ(decode(~std::uint64_t{0}, DType::int64), -1.0);
  EXPECT_EQ(encode(-0.0, DType::int8), 0U);
}

TEST(Encode, IntegersRefuseWhatTheyCannotHold) {
  for (const DType dtype : every_dtype) {
    if (is_floating(dtype)) continue;
    const bool is_signed = field_bits(dtype, Field::sign).has_value();
    const double end = std::pow(2.0, is_signed ? bits(dtype) - 1 : bits(dtype));
    for (const double number : {0.5, -0.5, end, 2 * end, is_signed ? -2 * end : -1.0, infinity,
                                -infinity, std::nan("")}) {
      EXPECT_EQ(encode(number, dtype), std::nullopt) << name(dtype) << " " << number;
    }
    EXPECT_EQ(encode(is_signed ? -end : 0.0, dtype).has_value(), true) << name(dtype);
  }
}

}  // namespace
}  // namespace softbeam::injectors
