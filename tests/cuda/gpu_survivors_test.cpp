// The compaction of survivors on a GPU; survivors_test.cpp has the same cases on a CPU.
#include "cuda/survivors.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/cuda/on_gpu.h"
#include "tests/cuda/survivor_cases.h"

namespace softbeam::gpu {
namespace {

class GpuSurvivors : public GpuTest {};

TEST_F(GpuSurvivors, AreKeptInOrder) {
  for (const SurvivorCase& c : survivor_cases()) {
    const auto rows = static_cast<std::uint32_t>(c.boxes.size());
    tests::OnGpu::Array<injectors::Rect> boxes(c.boxes);
    tests::OnGpu::Array<std::uint32_t> ids(c.boxes.size());
    const std::uint32_t count =
        find_survivors(boxes.data(), rows, ids.data(), plain_memory(), StreamRef());
    std::vector<std::uint32_t> kept = ids.read();
    kept.resize(count);
    EXPECT_EQ(kept, c.kept);
  }
}

}  // namespace
}  // namespace softbeam::gpu
