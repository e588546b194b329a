#include "host/report/aggregate.h"

#include <optional>
#include <utility>

namespace softbeam::report {
namespace {

// A sample that golden rows name; others have no label and no answer.
struct Sample {
  bool met = false;
  std::optional<std::int64_t> label;
  bool golden_right = false;
};

class Pass {
 public:
  Pass(const Grouping& grouping, const std::vector<record::GoldenRow>& golden)
      : grouping_(grouping) {
    for (const record::GoldenRow& row : golden) {
      at(row.sample) = {.label = row.label,
                        .golden_right = row.label && row.top1 && *row.top1 == *row.label};
    }
  }

  void visit(const record::TrialRow& row, std::span<const record::CorruptionRow> corruptions) {
    if (!fault_ || *fault_ != row.fault) {
      close();
      if (fault_ && row.fault < *fault_) descended_ = true;
      fault_ = row.fault;
      site_ = grouping_.site(corruptions);
      if (!grouping_.keys().empty()) group_ = grouping_.group(corruptions);
    }
    cluster_.add(row.verdict, row.activated);
    count_sample(row);
  }

  // False if a fault's trials may have been met in pieces: then nothing here is right.
  bool ascended() const { return !descended_; }

  Aggregate finish() {
    close();
    return std::move(result_);
  }

 private:
  Sample& at(injectors::SampleId sample) {
    if (sample.value >= samples_.size()) samples_.resize(std::size_t{sample.value} + 1);
    return samples_[sample.value];
  }

  void count_sample(const record::TrialRow& row) {
    Sample& sample = at(row.sample);
    result_.samples_met += !sample.met;
    sample.met = true;
    if (!sample.label) return;
    ++cluster_.answers.labelled;
    cluster_.answers.golden_right += sample.golden_right;
    const compare::Verdict& verdict = row.verdict;
    cluster_.answers.faulty_right += verdict.outcome != compare::Outcome::nonfinite &&
                                     verdict.top1 && *verdict.top1 == *sample.label;
  }

  void close() {
    if (cluster_.trials == 0) return;
    ++result_.faults;
    result_.overall[site_].add(cluster_);
    if (!grouping_.keys().empty()) result_.groups[group_][site_].add(cluster_);
    cluster_ = {};
  }

  const Grouping& grouping_;
  std::vector<Sample> samples_;
  Aggregate result_;
  std::optional<injectors::FaultId> fault_;
  Cluster cluster_;
  KeyValue site_ = none_value;
  GroupId group_;
  bool descended_ = false;
};

}  // namespace

Aggregate aggregate(const record::Store& store, std::int64_t campaign, const Grouping& grouping,
                    const std::vector<record::GoldenRow>& golden) {
  // Plans number faults along their trials; a store where they do not is sorted first.
  for (const record::Order order : {record::Order::trial, record::Order::fault}) {
    Pass pass(grouping, golden);
    store.for_each(
        campaign,
        [&](const record::TrialRow& row, std::span<const record::CorruptionRow> corruptions) {
          if (pass.ascended()) pass.visit(row, corruptions);
        },
        order);
    if (pass.ascended()) return pass.finish();
  }
  return {};
}

}  // namespace softbeam::report
