#include "host/report/aggregate.h"

#include <optional>
#include <utility>

namespace softbeam::report {
namespace {

class Pass {
 public:
  Pass(const record::CampaignRow& campaign, const Grouping& grouping,
       const std::vector<record::GoldenRow>& golden)
      : classifier_(campaign.sites, golden), grouping_(grouping) {}

  void visit(const record::TrialRow& row, std::span<const record::CorruptionRow> corruptions) {
    if (!fault_ || *fault_ != row.fault) {
      close();
      if (fault_ && row.fault < *fault_) descended_ = true;
      fault_ = row.fault;
      struck_ = classifier_.struck(corruptions);
    }
    cluster_.add(classifier_.classify(row, struck_));
    if (row.sample.value >= met_.size()) met_.resize(std::size_t{row.sample.value} + 1);
    result_.samples_met += met_[row.sample.value] ? 0 : 1;
    met_[row.sample.value] = true;
  }

  // False if a fault's trials may have been met in pieces: then nothing here is right.
  bool ascended() const { return !descended_; }

  Aggregate finish() {
    close();
    return std::move(result_);
  }

 private:
  void close() {
    if (cluster_.trials == 0) return;
    ++result_.faults;
    const KeyValue site = grouping_.site(struck_);
    result_.overall[site].add(cluster_);
    if (!grouping_.keys().empty()) result_.groups[grouping_.group(struck_)][site].add(cluster_);
    cluster_ = {};
  }

  record::Classifier classifier_;
  const Grouping& grouping_;
  std::vector<bool> met_;  // by sample
  Aggregate result_;
  std::optional<injectors::FaultId> fault_;
  record::Cluster cluster_;
  record::Struck struck_;
  bool descended_ = false;
};

}  // namespace

Aggregate aggregate(const record::Store& store, const record::CampaignRow& campaign,
                    const Grouping& grouping, const std::vector<record::GoldenRow>& golden) {
  if (campaign.aggregate) {
    return from_counts(store.totals(campaign.id), campaign.aggregate->samples_per_fault > 1,
                       grouping);
  }
  // Plans number faults along their trials; a store where they do not is sorted first.
  for (const record::Order order : {record::Order::trial, record::Order::fault}) {
    Pass pass(campaign, grouping, golden);
    store.for_each(
        campaign.id,
        [&](const record::TrialRow& row, std::span<const record::CorruptionRow> corruptions) {
          if (pass.ascended()) pass.visit(row, corruptions);
        },
        order);
    if (pass.ascended()) return pass.finish();
  }
  return {};
}

}  // namespace softbeam::report
