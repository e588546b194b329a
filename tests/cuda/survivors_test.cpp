// The compaction of survivors with Thrust's systems for CPUs: the algorithm that a GPU runs.
#include <gtest/gtest.h>
#include <thrust/execution_policy.h>
#include <thrust/system/cpp/execution_policy.h>
#include <thrust/system/omp/execution_policy.h>

#include <vector>

#include "cuda/survivors_algorithm.h"
#include "tests/cuda/survivor_cases.h"

namespace softbeam::gpu {
namespace {

template <class Policy>
std::vector<std::uint32_t> kept(const Policy& policy, const std::vector<injectors::Rect>& boxes) {
  std::vector<std::uint32_t> ids(boxes.size(), 77);
  const auto rows = static_cast<std::uint32_t>(boxes.size());
  ids.resize(keep_survivors(policy, boxes.data(), rows, ids.data()));
  return ids;
}

TEST(Survivors, AreKeptInOrderBySeveralThreads) {
  for (const SurvivorCase& c : survivor_cases()) EXPECT_EQ(kept(thrust::omp::par, c.boxes), c.kept);
}

TEST(Survivors, AreKeptInOrderByOneThread) {
  for (const SurvivorCase& c : survivor_cases()) EXPECT_EQ(kept(thrust::cpp::par, c.boxes), c.kept);
}

}  // namespace
}  // namespace softbeam::gpu
