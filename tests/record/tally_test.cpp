// What workers count is the same however the trials are shared among them.
#include "host/record/tally.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/record/random_trials.h"

namespace softbeam::record {
namespace {

using fixtures::RandomTrials;
using Counts = std::map<std::uint64_t, std::uint64_t>;

Tally tally_of(const RandomTrials& trials, std::uint64_t first, std::uint64_t last) {
  const Classifier classifier(fixtures::campaign_row().sites, fixtures::golden_rows());
  Tally tally(trials.samples_per_fault);
  for (std::uint64_t id = first; id < last; ++id) {
    const TrialRow row = trials.trial(id);
    tally.add(row,
              pack(classifier.classify(
                  row, classifier.struck(trials.corruptions_of(id / trials.samples_per_fault)))));
  }
  tally.close();
  return tally;
}

Counts counts_of(const Tally& tally) {
  Counts counts;
  tally.counts().for_each([&](auto packed, auto trials) { counts[packed] = trials; });
  return counts;
}

TEST(Tally, DoesNotDependOnWhereTheTrialsAreCut) {
  const RandomTrials trials{.samples_per_fault = 1, .corruptions = 3};
  const Tally whole = tally_of(trials, 0, 1000);
  Tally parts;
  for (const auto& [first, last] :
       std::vector<TrialRange>{{0, 1}, {1, 300}, {300, 301}, {301, 1000}}) {
    parts.merge(tally_of(trials, first, last));
  }
  EXPECT_EQ(counts_of(parts), counts_of(whole));
  EXPECT_EQ(parts.samples(), whole.samples());
  EXPECT_EQ(parts.ids(), (std::vector<TrialRange>{{0, 1000}}));
  EXPECT_EQ(parts.trials(), 1000U);
  EXPECT_EQ(parts.sdc(), whole.sdc());
  EXPECT_GT(whole.sdc(), 0U);
  EXPECT_TRUE(whole.faults().empty() && whole.parts().empty()) << "one sample a fault";
}

TEST(Tally, SumsWholeFaultsAndListsThePartsOfOthers) {
  const RandomTrials trials{.samples_per_fault = 4, .corruptions = 2};
  const Tally cut = tally_of(trials, 3, 22);  // faults 1 to 4 are whole, 0 and 5 are not
  std::uint64_t whole = 0;
  for (const auto& [struck, moments] : cut.faults()) {
    whole += moments.faults();
    EXPECT_EQ(moments.trials(), 4 * moments.faults());
    EXPECT_EQ(moments.totals().nn, 16 * moments.faults());
  }
  EXPECT_EQ(whole, 4U);
  std::map<std::uint64_t, std::uint64_t> open;
  for (const Tally::Part& part : cut.parts()) {
    open[part.fault.value] += part.trials;
    EXPECT_EQ(part.packed, without_depth(part.packed));
  }
  EXPECT_EQ(open, (std::map<std::uint64_t, std::uint64_t>{{0, 1}, {5, 2}}));
}

TEST(Tally, MergesSumsOfFaults) {
  const RandomTrials trials{.samples_per_fault = 5};
  Tally parts(5);
  parts.merge(tally_of(trials, 0, 250));
  parts.merge(tally_of(trials, 250, 500));
  EXPECT_EQ(parts.faults(), tally_of(trials, 0, 500).faults());
}

TEST(Moments, OfManyEqualFaultsAreThoseOfEachAdded) {
  Cluster cluster;
  TrialClass trials{.outcome = compare::Outcome::sdc_critical, .activated = true, .sdc_10 = true};
  trials.labelled = true;
  cluster.add(trials, 3);
  cluster.add({.outcome = compare::Outcome::masked}, 2);
  Moments once;
  Moments many;
  for (int i = 0; i < 7; ++i) once.add(cluster);
  many.add(cluster, 7);
  EXPECT_EQ(once, many);
  EXPECT_EQ(many.trials(), 35U);
  EXPECT_EQ(many.activated(), 21U);
}

}  // namespace
}  // namespace softbeam::record
