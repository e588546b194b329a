#include "host/record/tally.h"

#include <algorithm>

namespace softbeam::record {
namespace {

bool is_sdc(compare::Outcome outcome) {
  return outcome == compare::Outcome::sdc_critical || outcome == compare::Outcome::sdc_tolerable;
}

}  // namespace

Cluster cluster_of(std::span<const Tally::Part> parts) {
  Cluster cluster;
  for (const Tally::Part& part : parts) {
    if (const auto trials = unpack(part.packed)) cluster.add(*trials, part.trials);
  }
  return cluster;
}

void Tally::add(const TrialRow& row, std::uint64_t packed) {
  ++trials_;
  sdc_ += is_sdc(row.verdict.outcome) ? 1 : 0;
  add_id(row.trial.value, row.trial.value + 1);
  counts_.add(packed);
  const std::size_t word = row.sample.value / 64;
  if (word >= samples_.size()) samples_.resize(word + 1);
  samples_[word] |= std::uint64_t{1} << row.sample.value % 64;
  if (samples_per_fault_ == 1) return;
  if (!open_.empty() && fault_ != row.fault) close();
  fault_ = row.fault;
  open_.push_back(without_depth(packed));
}

void Tally::close() {
  if (open_.empty()) return;
  std::sort(open_.begin(), open_.end());
  const std::size_t before = parts_.size();
  for (const std::uint64_t packed : open_) {
    if (parts_.size() == before || parts_.back().packed != packed) {
      parts_.push_back({.fault = fault_, .packed = packed, .trials = 0});
    }
    ++parts_.back().trials;
  }
  if (open_.size() == samples_per_fault_) {
    const auto own = std::span(parts_).subspan(before);
    faults_[packed_struck(own.front().packed)].add(cluster_of(own));
    parts_.resize(before);
  }
  open_.clear();
}

void Tally::merge(const Tally& other) {
  trials_ += other.trials_;
  sdc_ += other.sdc_;
  for (const TrialRange& range : other.ids_) add_id(range.first, range.last);
  other.counts_.for_each(
      [&](std::uint64_t packed, std::uint64_t trials) { counts_.add(packed, trials); });
  samples_.resize(std::max(samples_.size(), other.samples_.size()));
  for (std::size_t i = 0; i < other.samples_.size(); ++i) samples_[i] |= other.samples_[i];
  for (const auto& [struck, moments] : other.faults_) faults_[struck] += moments;
  parts_.insert(parts_.end(), other.parts_.begin(), other.parts_.end());
}

void Tally::add_id(std::uint64_t first, std::uint64_t last) {
  if (!ids_.empty() && ids_.back().last == first) {
    ids_.back().last = last;
  } else {
    ids_.push_back({first, last});
  }
}

}  // namespace softbeam::record
