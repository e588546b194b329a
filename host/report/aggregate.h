// Private: a campaign's trials, counted per group and site: by one streaming pass over their rows,
// or from the counts that the store keeps in their place. Used by make_report.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "host/record/moments.h"
#include "host/record/store.h"
#include "host/report/grouping.h"

namespace softbeam::report {

using CellsBySite = std::map<KeyValue, record::Moments>;  // key: Grouping::site

struct Aggregate {
  CellsBySite overall;
  std::map<GroupId, CellsBySite> groups;  // empty without group keys
  std::uint64_t faults = 0;
  std::uint64_t samples_met = 0;
};

Aggregate aggregate(const record::Store& store, const record::CampaignRow& campaign,
                    const Grouping& grouping, const std::vector<record::GoldenRow>& golden);

// The same of what a store has counted; `clustered`: one fault meets several samples.
Aggregate from_counts(const record::Totals& totals, bool clustered, const Grouping& grouping);

}  // namespace softbeam::report
