#include "cuda/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/buffer.h"
#include "cuda/check.h"
#include "cuda/error.h"
#include "tests/cuda/gpu_test.h"

namespace softbeam::gpu {
namespace {

class GpuDevice : public GpuTest {};

int current_device() {
  int index = -1;
  SB_CUDA_CHECK(cudaGetDevice(&index));
  return index;
}

TEST(Device, TheSurveyIsConsistentOnEveryMachine) {
  const Survey found = survey();
  EXPECT_GE(found.runtime_version, 13000);
  EXPECT_EQ(found.devices > 0, found.state == State::usable);
  EXPECT_EQ(found.problem.empty(), found.state != State::failed);
  EXPECT_EQ(found.driver_version == 0, found.state == State::no_driver);
}

TEST(Device, VersionsAreWrittenAsPeopleDo) {
  EXPECT_EQ(version_text(13000), "13.0");
  EXPECT_EQ(version_text(12080), "12.8");
}

TEST_F(GpuDevice, HasAName) {
  const DeviceProperties device = properties(0);
  EXPECT_FALSE(device.name.empty());
  EXPECT_GE(device.major, 7);
  EXPECT_GT(device.multiprocessors, 0);
  EXPECT_GT(device.memory_bytes, 0U);
}

TEST_F(GpuDevice, AScopePutsTheDeviceBackAfterAnException) {
  const int last = survey().devices - 1;
  const int before = current_device();
  try {
    const DeviceScope scope(last);
    EXPECT_EQ(current_device(), last);
    throw std::runtime_error("inside");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(current_device(), before);
}

TEST_F(GpuDevice, AWrongIndexThrowsAndKeepsTheDevice) {
  const int before = current_device();
  EXPECT_THROW(DeviceScope(survey().devices), GpuError);
  EXPECT_EQ(current_device(), before);
}

TEST_F(GpuDevice, AnImpossibleAllocationNamesItsBytes) {
  const std::size_t size = std::size_t{1} << 50;
  try {
    const DeviceBuffer<char> buffer(size);
    FAIL() << "no exception";
  } catch (const GpuError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(std::to_string(size) + " bytes"));
  }
}

}  // namespace
}  // namespace softbeam::gpu
