// What the launchers of strikes refuse; what they do is in steps_test.cpp.
#include "cuda/inject.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/cuda/gpu_test.h"

namespace softbeam::gpu {
namespace {

class GpuInject : public GpuTest {};

TEST_F(GpuInject, HasCodeForThisDevice) { EXPECT_TRUE(has_code_for_current_device()); }

TEST(Inject, AnEmptyListLaunchesNothing) {
  const DeviceWords nothing{.data = nullptr, .word_bytes = 4};
  EXPECT_NO_THROW(strike_words(nothing, nullptr, nullptr, 0, StreamRef()));
  EXPECT_NO_THROW(read_back_words(nothing, nullptr, nullptr, 0, StreamRef()));
  const auto float32 = injectors::DType::float32;
  EXPECT_NO_THROW(strike_computed_words(nullptr, float32, nullptr, nullptr, 0, StreamRef()));
  EXPECT_NO_THROW(read_back_computed_words(nullptr, float32, nullptr, nullptr, 0, StreamRef()));
}

TEST(Inject, WordsOfOddSizesAreRefused) {
  const DeviceWords odd{.data = nullptr, .word_bytes = 3};
  EXPECT_THROW(strike_words(odd, nullptr, nullptr, 1, StreamRef()), std::invalid_argument);
}

}  // namespace
}  // namespace softbeam::gpu
