// How a wave campaign is cut: slices of ids, and in each block units of the trials that meet its
// samples.
#include "host/campaign/wave_units.h"

#include <gtest/gtest.h>

#include <set>

namespace softbeam::campaign {
namespace {

using record::TrialRange;

// Trial t meets sample t % samples.
class InTurn : public plan::FaultPlan {
 public:
  explicit InTurn(std::uint64_t samples) : samples_(samples) {}
  std::uint64_t trials() const override { return UINT64_MAX; }
  bool clustered() const override { return false; }
  void trials(std::uint64_t first, std::uint64_t last,
              std::vector<plan::Trial>& out) const override {
    for (std::uint64_t t = first; t < last; ++t) {
      out.push_back({{t}, {t}, {static_cast<std::uint32_t>(t % samples_)}});
    }
  }
  void fault(injectors::FaultId, std::vector<injectors::Corruption>&) const override {}

 private:
  std::uint64_t samples_;
};

std::uint64_t count(const std::vector<TrialRange>& ranges) {
  std::uint64_t trials = 0;
  for (const TrialRange& range : ranges) trials += range.last - range.first;
  return trials;
}

TEST(WaveUnits, OfAllSlicesAndBlocksHoldEveryMissingTrialOnce) {
  const InTurn plan(10);
  Slices slices({{3, 5000}, {6000, 6001}, {7000, 20000}});
  std::set<std::uint64_t> met;
  std::uint64_t handed_out = 0;
  while (!slices.empty()) {
    const auto ids = slices.take(4096);
    for (const BlockSamples block : {BlockSamples{0, 4, 10}, {4, 8, 10}, {8, 10, 10}}) {
      WaveUnits units(ids, plan, block, 2, 8192);
      for (auto unit = units.next(); !unit.empty(); unit = units.next()) {
        for (const TrialRange& range : unit) {
          for (std::uint64_t id = range.first; id < range.last; ++id) {
            EXPECT_GE(id % 10, block.first);
            EXPECT_LT(id % 10, block.last);
            met.insert(id);
            ++handed_out;
          }
        }
      }
    }
  }
  EXPECT_EQ(met.size(), 4997U + 1 + 13000);
  EXPECT_EQ(handed_out, met.size());
}

TEST(WaveUnits, AreAsLargeInSeveralBlocksAsInOne) {
  const InTurn plan(100);
  WaveUnits one({{0, 1'000'000}}, plan, {0, 100, 100}, 2, 8192);
  EXPECT_EQ(count(one.next()), 8192U);
  WaveUnits fiftieth({{0, 1'000'000}}, plan, {40, 42, 100}, 2, 8192);
  EXPECT_EQ(count(fiftieth.next()), 7500U);  // three quarters of a worker's share
}

TEST(WaveUnits, OfSamplesThatNoTrialMeetsAreNone) {
  const InTurn plan(10);
  WaveUnits units({{0, 5}}, plan, {5, 10, 10}, 2, 8192);
  EXPECT_TRUE(units.next().empty());
}

TEST(SliceSize, GrowsUntilTrialsTakeTenTimesAsLongAsGolden) {
  SliceSize size(64);
  const std::uint64_t first = size.trials();
  size.took(1, 5);
  EXPECT_EQ(size.trials(), 2 * first);
  size.took(1, 10);
  EXPECT_EQ(size.trials(), 2 * first);
  size.took(1, 40);
  EXPECT_EQ(size.trials(), 2 * first);
}

TEST(SliceSize, DoesNotTrustOneMeasurementTooFar) {
  SliceSize size(64);
  const std::uint64_t first = size.trials();
  size.took(100, 1);
  EXPECT_EQ(size.trials(), 4 * first);
}

}  // namespace
}  // namespace softbeam::campaign
