#include "injectors/nan.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "injectors/rng.h"

namespace softbeam::injectors {
namespace {

TEST(Nan, IsWhatTheLanguageCallsNanForWordsOfFloat32) {
  Stream stream(1, 0, Purpose::probe);
  for (int i = 0; i < 100000; ++i) {
    const std::uint32_t word = stream.next32() | (i % 2 == 0 ? 0x7f800000U : 0U);
    EXPECT_EQ(is_nan(DType::float32, word), std::isnan(std::bit_cast<float>(word))) << word;
  }
}

TEST(Nan, IsNotInfinityAndNoIntegerIsOne) {
  EXPECT_FALSE(is_nan(DType::float32, 0x7f800000));
  EXPECT_FALSE(is_nan(DType::float32, 0xff800000));
  EXPECT_TRUE(is_nan(DType::float32, 0xff800001));
  EXPECT_FALSE(is_nan(DType::float16, 0x7c00));
  EXPECT_TRUE(is_nan(DType::float16, 0xfc01));
  EXPECT_FALSE(is_nan(DType::int32, 0xffffffff));
  EXPECT_FALSE(is_nan(DType::uint8, 0xff));
}

TEST(Nan, CanonicalIsQuietAndHasNoSign) {
  EXPECT_EQ(canonical_nan(DType::float32), 0x7fc00000U);
  EXPECT_EQ(canonical_nan(DType::float16), 0x7e00U);
  EXPECT_EQ(canonical_nan(DType::bfloat16), 0x7fc0U);
  EXPECT_EQ(canonical_nan(DType::float64), 0x7ff8000000000000U);
  for (const DType dtype : {DType::float32, DType::float16, DType::bfloat16, DType::float64}) {
    EXPECT_TRUE(is_nan(dtype, canonical_nan(dtype)));
  }
}

}  // namespace
}  // namespace softbeam::injectors
