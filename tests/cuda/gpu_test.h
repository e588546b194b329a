// Fixture of tests that need a GPU: skips, with the reason, where there is none.
// Used by tests/cuda.
#pragma once

#include <gtest/gtest.h>

#include "cuda/device.h"

namespace softbeam::gpu {

class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    const Survey found = survey();
    if (found.state != State::usable) {
      GTEST_SKIP() << "no usable GPU (driver for CUDA " << version_text(found.driver_version)
                   << ", 0.0 if none) " << found.problem;
    }
  }
};

}  // namespace softbeam::gpu
