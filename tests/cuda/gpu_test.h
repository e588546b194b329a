// Fixture of tests that need a GPU: skips, with the reason, where there is none.
// Used by tests/cuda.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "cuda/device.h"

namespace softbeam::gpu {

// Empty where a GPU can be used.
inline std::string why_no_gpu() {
  const Survey found = survey();
  if (found.state == State::usable) return {};
  return "no usable GPU (driver for CUDA " + version_text(found.driver_version) +
         ", 0.0 if none) " + found.problem;
}

class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = why_no_gpu(); !why.empty()) GTEST_SKIP() << why;
  }
};

}  // namespace softbeam::gpu
