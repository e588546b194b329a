// What the launchers of rows refuse or leave alone without a launch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "cuda/bias.h"
#include "cuda/survivors.h"
#include "cuda/top_k.h"
#include "cuda/windows.h"

namespace softbeam::gpu {
namespace {

using injectors::DType;
using Words = std::uint16_t;

TEST(Launch, NothingIsLaunchedForNothing) {
  const injectors::ComparedWindowOf<Words>* const compared = nullptr;
  const injectors::LaidWindowOf<Words>* const laid = nullptr;
  EXPECT_NO_THROW(lay_windows(laid, 0, 3, 10, StreamRef()));
  EXPECT_NO_THROW(compare_windows(compared, 0, 3, 10, nullptr, StreamRef()));
  EXPECT_NO_THROW(count_nonfinite(compared, 0, 3, 10, {}, nullptr, StreamRef()));
  EXPECT_NO_THROW(find_top_scores(DType::float32, nullptr, 0, 10, nullptr, StreamRef()));
  EXPECT_NO_THROW(add_bias(DType::float32, {}, nullptr, nullptr, 0, StreamRef()));
  EXPECT_EQ(find_survivors(nullptr, 0, nullptr, plain_memory(), StreamRef()), 0U);
}

TEST(Launch, IntegersAreNoNumbersToComputeWith) {
  try {
    find_top_scores(DType::int8, nullptr, 1, 10, nullptr, StreamRef());
    FAIL() << "no exception";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("int8"));
    EXPECT_THAT(error.what(), testing::HasSubstr("bfloat16"));
  }
  EXPECT_THROW(add_bias(DType::int32, {}, nullptr, nullptr, 1, StreamRef()), std::invalid_argument);
}

}  // namespace
}  // namespace softbeam::gpu
