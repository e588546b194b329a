// What a campaign has counted that keeps counts in place of rows. Read by reports.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "host/record/moments.h"
#include "host/record/tally.h"
#include "host/record/trial_class.h"

namespace softbeam::record {

struct Totals {
  std::vector<std::pair<TrialClass, std::uint64_t>> counts;  // trials of each class
  std::uint64_t samples_met = 0;
  // Where a fault meets several samples: sums over the faults of which all trials are there, and
  // the parts of the others, ascending by fault.
  std::map<Struck, Moments> faults;
  std::vector<Tally::Part> open;
};

}  // namespace softbeam::record
