// A small store with one campaign, for the tests of reports.
// Used by every test of this folder that needs a store.
#pragma once

#include <utility>
#include <vector>

#include "host/report/report.h"
#include "tests/record/fixtures.h"

namespace softbeam::report::fixtures {

using record::CorruptionRow;
using record::GoldenRow;
using record::TrialRow;
using record::fixtures::campaign_row;
using record::fixtures::corruption_row;
using record::fixtures::Folder;
using record::fixtures::frame_site;
using record::fixtures::golden_rows;
using record::fixtures::trial_row;

inline Options by(std::vector<GroupKey> keys) {
  Options options;
  options.by = std::move(keys);
  return options;
}

class Campaign {
 public:
  explicit Campaign(const record::CampaignRow& row, const std::vector<GoldenRow>& golden)
      : store(record::Store::open_for_writing(folder / "s.db")), id(store.add(row, golden)) {}

  // The next trial, of the next fault, with these corruptions: {site, bit} each.
  TrialRow& add(compare::Outcome outcome, std::vector<std::pair<std::uint32_t, int>> strikes) {
    const std::uint64_t fault = next_fault++;
    for (std::uint32_t i = 0; i < strikes.size(); ++i) {
      corruptions.push_back(corruption_row(fault, i, strikes[i].first, strikes[i].second));
    }
    return same_fault(outcome);
  }
  // The next trial, of the fault before.
  TrialRow& same_fault(compare::Outcome outcome) {
    trials.push_back(trial_row(trials.size(), next_fault - 1, outcome));
    return trials.back();
  }

  Report report(const Options& options = {}) {
    store.append(id, trials, corruptions);
    return make_report(store, id, options);
  }

  Folder folder;
  record::Store store;
  std::int64_t id;
  std::uint64_t next_fault = 0;
  std::vector<TrialRow> trials;
  std::vector<CorruptionRow> corruptions;
};

}  // namespace softbeam::report::fixtures
