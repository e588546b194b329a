// The arithmetic types of bodies against the conversions of encode.cpp.
#include "injectors/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "injectors/fault_model.h"
#include "tests/injectors/sampled.h"

namespace softbeam::injectors {
namespace {

template <class Type>
constexpr DType dtype_of = DType::float16;
template <>
constexpr DType dtype_of<BFloat16> = DType::bfloat16;

template <class Type>
class Half : public testing::Test {};
using Halves = testing::Types<Float16, BFloat16>;
TYPED_TEST_SUITE(Half, Halves);

template <class Type>
void expect_narrowed(float number) {
  const std::uint16_t word = Type::narrow(number);
  if (std::isnan(number)) {
    ASSERT_TRUE(std::isnan(decode(word, dtype_of<Type>)));
  } else {
    ASSERT_EQ(word, *encode(number, dtype_of<Type>)) << std::bit_cast<std::uint32_t>(number);
  }
}

TYPED_TEST(Half, EveryWordIsWidenedExactly) {
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    const float wide = TypeParam::widen(static_cast<std::uint16_t>(word));
    const double exact = decode(word, dtype_of<TypeParam>);
    if (std::isnan(exact)) {
      ASSERT_TRUE(std::isnan(wide)) << word;
    } else {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(static_cast<double>(wide)),
                std::bit_cast<std::uint64_t>(exact))
          << word;
    }
  }
}

TYPED_TEST(Half, EveryWordComesBack) {
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    const float wide = TypeParam::widen(static_cast<std::uint16_t>(word));
    if (std::isnan(wide)) continue;
    ASSERT_EQ(TypeParam::narrow(wide), word);
  }
}

// Half-way points between neighbours, and the floats around them: where rounding can go wrong.
TYPED_TEST(Half, HalfWayPointsAreRoundedToEven) {
  for (std::uint32_t word = 0; word < 0xffff; ++word) {
    const float low = TypeParam::widen(static_cast<std::uint16_t>(word));
    const float high = TypeParam::widen(static_cast<std::uint16_t>(word + 1));
    if (!std::isfinite(low) || !std::isfinite(high)) continue;
    const float middle = low + (high - low) / 2;
    for (const float number : {middle, std::nextafter(middle, low), std::nextafter(middle, high)}) {
      expect_narrowed<TypeParam>(number);
    }
  }
}

TYPED_TEST(Half, RandomFloatsAreRoundedAsEncodeDoes) {
  auto generator = tests::printed_generator();
  for (int i = 0; i < 200000; ++i) {
    expect_narrowed<TypeParam>(std::bit_cast<float>(static_cast<std::uint32_t>(generator())));
  }
}

TYPED_TEST(Half, WhatIsTooLargeIsInfinite) {
  for (const float sign : {1.0F, -1.0F}) {
    for (const float number : {65519.0F, 65519.99F, 65520.0F, 65536.0F, 3.38e38F, 3.4e38F,
                               std::numeric_limits<float>::infinity()}) {
      expect_narrowed<TypeParam>(sign * number);
    }
  }
}

}  // namespace
}  // namespace softbeam::injectors
