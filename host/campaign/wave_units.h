// Cuts the trials of a wave campaign: slices of ids that go through all blocks of samples, and in a
// slice and block the units that workers take. Used by run_campaign.
#pragma once

#include <cstdint>
#include <vector>

#include "host/plan/fault_plan.h"
#include "host/record/store.h"

namespace softbeam::campaign {

// The first ids that are left, so many at a time.
class Slices {
 public:
  explicit Slices(std::vector<record::TrialRange> missing) : left_(std::move(missing)) {}

  bool empty() const { return next_ == left_.size(); }
  std::vector<record::TrialRange> take(std::uint64_t trials);

 private:
  std::vector<record::TrialRange> left_;
  std::size_t next_ = 0;
};

// How many trials of each visit of a block amortise its golden: known better after every round.
class SliceSize {
 public:
  explicit SliceSize(std::uint64_t samples) : trials_(first_trials * samples) {}

  std::uint64_t trials() const { return trials_; }
  // A round took so long for golden of all its blocks, and for its trials.
  void took(double golden_s, double trials_s);

 private:
  static constexpr std::uint64_t first_trials = 16;  // a sample
  std::uint64_t trials_;
};

struct BlockSamples {
  std::uint32_t first = 0;
  std::uint32_t last = 0;    // behind the last one
  std::uint64_t of_all = 0;  // samples of all blocks
  bool all() const { return last - first == of_all; }
};

// Units of the trials whose samples are in a block, of as many as a worker computes in a few
// seconds: small ones at first and at the end. The plan must outlive them.
class WaveUnits {
 public:
  WaveUnits(std::vector<record::TrialRange> ids, const plan::FaultPlan& plan, BlockSamples block,
            std::uint64_t workers, std::uint64_t most);

  // Empty when all are handed out.
  std::vector<record::TrialRange> next();

 private:
  // The block's trials among the next ids, but no more than `want`; how many.
  std::uint64_t add(std::uint64_t want, std::vector<record::TrialRange>& unit);

  Slices ids_;
  const plan::FaultPlan& plan_;
  BlockSamples block_;
  std::uint64_t workers_;
  std::uint64_t most_;
  std::uint64_t left_ = 0;  // ids
  std::vector<plan::Trial> drawn_;
};

}  // namespace softbeam::campaign
