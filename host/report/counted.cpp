// A report's cells from the counts of a store that keeps no row for every trial.
//
// A fault that meets one sample is a cluster of one trial: its moments follow from the class of
// that trial alone, so that counts of classes are all it takes. Where faults meet several samples
// the store has summed the products over them, and keeps the parts of those that are not complete.
#include <algorithm>

#include "host/report/aggregate.h"

namespace softbeam::report {
namespace {

void add(Aggregate& to, const Grouping& grouping, record::Struck struck,
         const record::Moments& moments) {
  const KeyValue site = grouping.site(struck);
  to.faults += moments.faults();
  to.overall[site] += moments;
  if (!grouping.keys().empty()) to.groups[grouping.group(struck)][site] += moments;
}

void add(Aggregate& to, const Grouping& grouping, record::Struck struck,
         const record::Cluster& cluster, std::uint64_t times) {
  record::Moments moments;
  moments.add(cluster, times);
  add(to, grouping, struck, moments);
}

}  // namespace

Aggregate from_counts(const record::Totals& totals, bool clustered, const Grouping& grouping) {
  Aggregate result{.overall = {}, .groups = {}, .faults = 0, .samples_met = totals.samples_met};
  if (!clustered) {
    for (const auto& [trial, times] : totals.counts) {
      record::Cluster one;
      one.add(trial);
      add(result, grouping, trial.struck, one, times);
    }
    return result;
  }
  for (const auto& [struck, moments] : totals.faults) add(result, grouping, struck, moments);
  for (auto first = totals.open.begin(); first != totals.open.end();) {
    const auto last = std::find_if(first, totals.open.end(), [&](const record::Tally::Part& part) {
      return part.fault != first->fault;
    });
    const auto struck = record::unpack_struck(record::packed_struck(first->packed));
    add(result, grouping, struck, record::cluster_of({first, last}), 1);
    first = last;
  }
  return result;
}

}  // namespace softbeam::report
