// One suite, every device: tests take the device's name as their parameter and skip, with the
// reason, where it is not there. Instantiate with INSTANTIATE_ON_DEVICES(Suite).
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "host/backend/backend.h"
#include "host/base/error.h"

namespace softbeam::support {

class OnDevice : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    try {
      backend_ = backend::make_backend(GetParam());
    } catch (const DeviceError& error) {
      GTEST_SKIP() << error.what();
    }
  }

  std::unique_ptr<backend::Backend> backend_;
};

}  // namespace softbeam::support

#define INSTANTIATE_ON_DEVICES(Suite)                           \
  INSTANTIATE_TEST_SUITE_P(Cpu, Suite, testing::Values("cpu")); \
  INSTANTIATE_TEST_SUITE_P(Cuda, Suite, testing::Values("cuda"))
