#include "host/backend/torch_cuda.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>

namespace softbeam::backend {
namespace {

TEST(TorchCuda, IsLoadedOnDemandAndAnswersWithoutADevice) {
  ASSERT_NO_THROW(load_torch_cuda());
  ASSERT_NO_THROW(load_torch_cuda());
  EXPECT_TRUE(at::Context::hasCUDART());
  EXPECT_GE(at::Context::versionCUDART(), 13000);
}

}  // namespace
}  // namespace softbeam::backend
