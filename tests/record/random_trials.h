// Trials as a campaign might record them, each a function of its number, as rows or as counts.
// Used by the tests of stores that keep counts, and of their reports.
#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "host/record/store.h"
#include "tests/record/fixtures.h"

namespace softbeam::record::fixtures {

struct RandomTrials {
  std::uint64_t samples_per_fault = 1;
  std::uint32_t corruptions = 1;  // per fault, at most; 1: none of a fault has more
  std::uint32_t samples = 10;

  TrialRow trial(std::uint64_t id) const {
    std::mt19937_64 random(id + 1);
    TrialRow row;
    row.trial.value = id;
    row.fault.value = id / samples_per_fault;
    row.sample.value = static_cast<std::uint32_t>(random() % samples);
    row.verdict.outcome = compare::all_outcomes[random() % 12 < 6 ? 5 : random() % 6];
    row.activated = row.verdict.outcome != compare::Outcome::masked || random() % 3 > 0;
    if (row.verdict.outcome == compare::Outcome::masked && row.activated) {
      row.depth = static_cast<std::uint32_t>(random() % 5);
    }
    if (random() % 8 > 0) {
      row.verdict.top1 = static_cast<std::int32_t>(random() % 10);
      row.verdict.sdc_1 = row.verdict.outcome == compare::Outcome::sdc_critical;
      row.verdict.sdc_5 = random() % 4 == 0;
      row.verdict.sdc_10 = random() % 2 == 0;
      row.verdict.sdc_20 = random() % 3 == 0;
    }
    return row;
  }

  std::vector<CorruptionRow> corruptions_of(std::uint64_t fault) const {
    std::mt19937_64 random(~fault);
    std::vector<CorruptionRow> rows;
    for (std::uint32_t k = 0; k < 1 + random() % corruptions; ++k) {
      rows.push_back(
          corruption_row(fault, k, random() % 4 > 0 ? 3 : 7, static_cast<int>(random() % 32)));
      const std::uint64_t kind = corruptions == 1 ? 1 : random() % 8;
      if (kind == 0) rows.back().corruption.operation = injectors::Operation::zero;
      if (kind == 2) rows.back().corruption.masks.flip = 0b110;       // of one field
      if (kind == 3) rows.back().corruption.masks.flip = 0xC0000000;  // of two
      if (kind == 4) rows.back().corruption.masks = {.keep = 0xffffffff, .flip = 0};
    }
    return rows;
  }

  // Trials [first, last) and the corruptions of their faults.
  std::pair<std::vector<TrialRow>, std::vector<CorruptionRow>> rows(std::uint64_t first,
                                                                    std::uint64_t last) const {
    std::vector<TrialRow> trials;
    std::vector<CorruptionRow> all;
    for (std::uint64_t id = first; id < last; ++id) {
      trials.push_back(trial(id));
      if (trials.size() > 1 && trials[trials.size() - 2].fault == trials.back().fault) continue;
      const auto own = corruptions_of(id / samples_per_fault);
      all.insert(all.end(), own.begin(), own.end());
    }
    return {std::move(trials), std::move(all)};
  }

  void append_rows(Store& store, std::int64_t campaign, std::uint64_t first,
                   std::uint64_t last) const {
    const auto [trials, all] = rows(first, last);
    store.append(campaign, trials, all);
  }

  // The same trials as counts; of the rows the store gets those with SDC or a non-finite output.
  void append_counts(Store& store, const CampaignRow& campaign, std::uint64_t first,
                     std::uint64_t last) const {
    const Classifier classifier(campaign.sites, golden_rows(samples));
    Tally tally(samples_per_fault);
    std::vector<TrialRow> kept;
    std::vector<CorruptionRow> all;
    for (std::uint64_t id = first; id < last; ++id) {
      const TrialRow row = trial(id);
      const auto own = corruptions_of(row.fault.value);
      tally.add(row, pack(classifier.classify(row, classifier.struck(own))));
      const auto outcome = static_cast<int>(row.verdict.outcome);
      if (outcome < static_cast<int>(compare::Outcome::nonfinite) ||
          outcome > static_cast<int>(compare::Outcome::sdc_tolerable)) {
        continue;
      }
      kept.push_back(row);
      all.insert(all.end(), own.begin(), own.end());
    }
    tally.close();
    store.append(campaign.id, tally, std::vector{RowSpans{kept, all}});
  }
};

// A campaign that keeps counts, added to the store; with its id.
inline CampaignRow add_counted(Store& store, AggregateRule rule, const std::string& label = "") {
  CampaignRow row = campaign_row(label);
  row.aggregate = rule;
  row.clustered = rule.samples_per_fault > 1;
  row.id = store.add(row, golden_rows());
  return row;
}

}  // namespace softbeam::record::fixtures
