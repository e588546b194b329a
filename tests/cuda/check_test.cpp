#include "cuda/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/error.h"
#include "tests/cuda/gpu_test.h"

namespace softbeam::gpu {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;

// Fails on every machine, with or without a driver, and leaves the error behind.
cudaError_t failing_call() { return cudaSetDevice(-1); }

TEST(Check, ThrowsWithPlaceNameTextAndCall) {
  try {
    SB_CUDA_CHECK(failing_call());
    FAIL() << "no exception";
  } catch (const GpuError& error) {
    EXPECT_THAT(error.what(),
                MatchesRegex("check_test\\.cpp:[0-9]+: cudaError[A-Za-z]+ \\(.+\\) in "
                             "failing_call\\(\\)"));
    EXPECT_NE(error.code(), cudaSuccess);
  }
}

TEST(Check, AnAllocationAlsoNamesItsBytes) {
  try {
    SB_CUDA_ALLOCATE(failing_call(), 4096);
    FAIL() << "no exception";
  } catch (const GpuError& error) {
    EXPECT_THAT(error.what(), EndsWith("in failing_call(), 4096 bytes asked"));
  }
}

TEST(Check, ADestructorPrintsAndDoesNotThrow) {
  testing::internal::CaptureStderr();
  EXPECT_NO_THROW(SB_CUDA_WARN(failing_call()));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("in failing_call()"));
}

TEST(Check, ASuccessIsSilent) {
  testing::internal::CaptureStderr();
  EXPECT_NO_THROW(SB_CUDA_CHECK(cudaSuccess));
  EXPECT_NO_THROW(SB_CUDA_ALLOCATE(cudaSuccess, 1));
  SB_CUDA_WARN(cudaSuccess);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

class GpuCheck : public GpuTest {};  // without a driver every call fails anew

TEST_F(GpuCheck, EveryPolicyClearsTheLastError) {
  failing_call();
  ASSERT_NE(cudaPeekAtLastError(), cudaSuccess);
  EXPECT_THROW(SB_CUDA_CHECK(failing_call()), GpuError);
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
  EXPECT_THROW(SB_CUDA_ALLOCATE(failing_call(), 1), GpuError);
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
  SB_CUDA_WARN(failing_call());
  EXPECT_EQ(cudaPeekAtLastError(), cudaSuccess);
}

}  // namespace
}  // namespace softbeam::gpu
