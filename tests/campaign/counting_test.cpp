// What a worker makes of a unit's rows when trials are counted.
#include "host/campaign/counting.h"

#include <gmock/gmock.h>

#include "tests/record/random_trials.h"

namespace softbeam::campaign {
namespace {

using record::fixtures::RandomTrials;

record::CampaignRow campaign(std::uint64_t samples_per_fault) {
  record::CampaignRow row = record::fixtures::campaign_row();
  row.aggregate = record::AggregateRule{.keep = 5, .samples_per_fault = samples_per_fault};
  return row;
}

UnitRows unit_of(const RandomTrials& trials, std::uint64_t first, std::uint64_t last) {
  auto [rows, corruptions] = trials.rows(first, last);
  return {.trials = std::move(rows), .corruptions = std::move(corruptions), .tally = {}};
}

std::vector<std::uint64_t> worth(const UnitRows& unit, std::uint64_t below) {
  std::vector<std::uint64_t> ids;
  for (const record::TrialRow& row : unit.trials) {
    if (worth_keeping(row.verdict.outcome) && row.trial.value < below) {
      ids.push_back(row.trial.value);
    }
  }
  return ids;
}

TEST(Counting, KeepsSdcAndNonFiniteOutputsOnly) {
  using compare::Outcome;
  for (const Outcome outcome : compare::all_outcomes) {
    EXPECT_EQ(worth_keeping(outcome), outcome == Outcome::nonfinite ||
                                          outcome == Outcome::sdc_critical ||
                                          outcome == Outcome::sdc_tolerable)
        << name(outcome);
  }
}

TEST(Counting, LeavesTheRowsWorthKeepingWithTheirCorruptions) {
  for (const std::uint64_t samples : {1, 4}) {
    const RandomTrials trials{.samples_per_fault = samples, .corruptions = 3};
    Counting counting(campaign(samples), record::fixtures::golden_rows());
    for (const std::uint64_t below : {0, 150, 1000}) {
      counting.keep_below(below);
      UnitRows unit = unit_of(trials, 50, 250);
      const auto expected = worth(unit, below);
      counting.count(unit);
      std::vector<std::uint64_t> kept;
      std::vector<record::CorruptionRow> corruptions;
      for (const record::TrialRow& row : unit.trials) {
        kept.push_back(row.trial.value);
        EXPECT_EQ(row.verdict.outcome, trials.trial(row.trial.value).verdict.outcome);
        if (!corruptions.empty() && corruptions.back().fault == row.fault) continue;
        const auto own = trials.corruptions_of(row.fault.value);
        corruptions.insert(corruptions.end(), own.begin(), own.end());
      }
      EXPECT_EQ(kept, expected);
      ASSERT_EQ(unit.corruptions.size(), corruptions.size());
      for (std::size_t i = 0; i < corruptions.size(); ++i) {
        EXPECT_EQ(unit.corruptions[i].fault, corruptions[i].fault);
        EXPECT_EQ(unit.corruptions[i].position, corruptions[i].position);
        EXPECT_EQ(unit.corruptions[i].corruption, corruptions[i].corruption);
      }
      EXPECT_EQ(unit.tally.trials(), 200U);
      EXPECT_EQ(unit.tally.ids(), (std::vector<record::TrialRange>{{50, 250}}));
    }
  }
}

// Plain mode lists the corruptions of a fault again behind the chunk that cut it.
TEST(Counting, TakesCorruptionsThatAreListedTwice) {
  const RandomTrials trials{.samples_per_fault = 6, .corruptions = 3};
  const Counting counting(campaign(6), record::fixtures::golden_rows());
  UnitRows whole = unit_of(trials, 0, 60);
  UnitRows cut = unit_of(trials, 0, 8);
  for (const auto& [first, last] : std::vector<record::TrialRange>{{8, 10}, {10, 60}}) {
    const UnitRows more = unit_of(trials, first, last);
    cut.trials.insert(cut.trials.end(), more.trials.begin(), more.trials.end());
    cut.corruptions.insert(cut.corruptions.end(), more.corruptions.begin(), more.corruptions.end());
  }
  EXPECT_GT(cut.corruptions.size(), whole.corruptions.size());
  counting.count(whole);
  counting.count(cut);
  EXPECT_EQ(cut.tally.faults(), whole.tally.faults());
  EXPECT_EQ(whole.tally.parts().size(), 0U);
  EXPECT_EQ(cut.tally.parts().size(), 0U);
}

}  // namespace
}  // namespace softbeam::campaign
