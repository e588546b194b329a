// Private: makes counts of the rows of an aggregate campaign's unit, and keeps the few rows that
// are worth it. Used by the recorder, by many workers at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "host/campaign/work.h"
#include "host/record/trial_class.h"

namespace softbeam::campaign {

// SDC or a non-finite output.
bool worth_keeping(compare::Outcome outcome);

class Counting {
 public:
  // Precondition: the campaign has a rule `aggregate`. Labels and answers are those of the store.
  Counting(const record::CampaignRow& campaign, const std::vector<record::GoldenRow>& golden);

  // Every row goes into the unit's tally; what is worth keeping stays as a row, with the
  // corruptions of its fault. No memory is taken for a single trial.
  void count(UnitRows& unit) const;

  // From now on only rows with ids below it are worth keeping.
  void keep_below(std::uint64_t id) { keep_below_ = id; }

 private:
  record::Classifier classifier_;
  std::uint64_t samples_per_fault_;
  std::atomic<std::uint64_t> keep_below_{0};
};

}  // namespace softbeam::campaign
