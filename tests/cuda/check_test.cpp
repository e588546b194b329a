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

TEST(Check, OnlyExhaustedMemoryIsOutOfMemory) {
  try {
    SB_CUDA_ALLOCATE(cudaErrorMemoryAllocation, 4096);
    FAIL() << "no exception";
  } catch (const OutOfMemory& error) {
    EXPECT_EQ(error.bytes(), 4096U);
    EXPECT_EQ(error.code(), cudaErrorMemoryAllocation);
    EXPECT_THAT(error.what(), EndsWith("4096 bytes asked"));
  }
  try {
    SB_CUDA_ALLOCATE(cudaErrorInvalidValue, 4096);
    FAIL() << "no exception";
  } catch (const OutOfMemory&) {
    FAIL() << "an invalid value is not a lack of memory";
  } catch (const GpuError& error) {
    EXPECT_EQ(error.code(), cudaErrorInvalidValue);
  }
}

TEST(Check, CudnnsErrorsAreNamedAsWell) {
  try {
    SB_CUDNN_CHECK(CUDNN_STATUS_BAD_PARAM);
    FAIL() << "no exception";
  } catch (const GpuError& error) {
    EXPECT_THAT(error.what(), MatchesRegex("check_test\\.cpp:[0-9]+: CUDNN_STATUS_BAD_PARAM .+"));
    EXPECT_EQ(error.code(), CUDNN_STATUS_BAD_PARAM);
  }
  testing::internal::CaptureStderr();
  EXPECT_NO_THROW(SB_CUDNN_WARN(CUDNN_STATUS_EXECUTION_FAILED));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("CUDNN_STATUS_EXECUTION_FAILED"));
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
