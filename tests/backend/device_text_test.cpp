#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/backend/backend.h"
#include "host/backend/cuda_backend.h"
#include "host/base/error.h"

namespace softbeam::backend {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

std::string usage_error(const std::string& device) {
  try {
    make_backend(device);
  } catch (const UsageError& error) {
    return error.what();
  }
  ADD_FAILURE() << "'" << device << "' was accepted";
  return {};
}

TEST(DeviceText, CpuIsTheCpu) {
  const auto backend = make_backend("cpu");
  EXPECT_EQ(backend->device(), at::Device(at::kCPU));
  EXPECT_THAT(backend->description(), testing::MatchesRegex("cpu [A-Z0-9]+"));
}

TEST(DeviceText, ACpuHasNoTf32) {
  try {
    make_backend("cpu", /*tf32=*/true);
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("run.tf32: a CPU has no TF32"));
  }
}

TEST(DeviceText, AnythingElseIsRefusedWithTheAcceptedSet) {
  for (const char* text : {"", "CPU", "CPU ", " cpu", "gpu", "gpu:0", "cpu:0", "cuda ", "CUDA",
                           "cuda0", "cuda:0:0", "tpu", "nvidia"}) {
    const std::string message = usage_error(text);
    EXPECT_THAT(message, HasSubstr(std::string("'") + text + "'"));
    EXPECT_THAT(message, AnyOf(HasSubstr("cpu, cuda, cuda:N"), HasSubstr("use cuda:0")));
  }
}

TEST(DeviceText, ANumberThatIsNoneIsNamed) {
  for (const char* number : {"", "x", "-1", "+1", " 1", "1 ", "0x1", "1.0", "99999999999999"}) {
    const std::string message = usage_error("cuda:" + std::string(number));
    EXPECT_THAT(message, HasSubstr(std::string("('") + number + "' is not the number of a GPU)"));
  }
}

TEST(DeviceText, ANearTextGetsASuggestion) {
  EXPECT_THAT(usage_error("CPU "), HasSubstr("did you mean 'cpu'?"));
  EXPECT_THAT(usage_error("gpu"), HasSubstr("did you mean 'cuda'?"));
  EXPECT_THAT(usage_error("gpu:1"), HasSubstr("did you mean 'cuda'?"));
  EXPECT_THAT(usage_error("cdua"), HasSubstr("did you mean 'cuda'?"));
  EXPECT_THAT(usage_error("quantum"), Not(HasSubstr("did you mean")));
}

TEST(Cuda, IsAnErrorWhereItIsAbsentAndNeverACpu) {
  for (const char* text : {"cuda", "cuda:0", "cuda:99"}) {
    try {
      EXPECT_TRUE(make_backend(text)->device().is_cuda()) << text;
    } catch (const DeviceError& error) {
      EXPECT_THAT(error.what(), AnyOf(HasSubstr("CUDA is not available"), HasSubstr("cuda:")));
    }
  }
}

TEST(Cuda, AnIndexBeyondTheLastIsAnError) {
  EXPECT_THROW(make_backend("cuda:99"), DeviceError);
  EXPECT_THROW(make_backend("cuda:2147483647"), DeviceError);
}

TEST(Cuda, IsDescribedInOneLine) {
  const std::string line = describe_cuda();
  EXPECT_THAT(line, Not(testing::IsEmpty()));
  EXPECT_THAT(line, Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace softbeam::backend
