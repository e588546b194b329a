// Private: one streaming pass over a campaign's trials, counting per group and site.
// Used by make_report.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "host/record/store.h"
#include "host/report/grouping.h"
#include "host/report/moments.h"

namespace softbeam::report {

using CellsBySite = std::map<KeyValue, Moments>;  // key: Grouping::site

struct Aggregate {
  CellsBySite overall;
  std::map<GroupId, CellsBySite> groups;  // empty without group keys
  std::uint64_t faults = 0;
  std::uint64_t samples_met = 0;
};

Aggregate aggregate(const record::Store& store, std::int64_t campaign, const Grouping& grouping,
                    const std::vector<record::GoldenRow>& golden);

}  // namespace softbeam::report
