// What some trials of an aggregate campaign add to its counts, and which trials they are.
// Filled by a worker, merged by the recorder, written by the store in one transaction.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "host/record/class_counts.h"
#include "host/record/moments.h"
#include "host/record/rows.h"

namespace softbeam::record {

class Tally {
 public:
  // Trials of one class of a fault that has others elsewhere.
  struct Part {
    injectors::FaultId fault;
    std::uint64_t packed = 0;  // without depth
    std::uint64_t trials = 0;
  };

  Tally() = default;
  explicit Tally(std::uint64_t samples_per_fault) : samples_per_fault_(samples_per_fault) {}

  // Trials in ascending order; those of one fault follow each other.
  void add(const TrialRow& row, std::uint64_t packed);
  // Behind the last trial.
  void close();
  // Takes over what another one, closed too, has.
  void merge(const Tally& other);

  std::uint64_t trials() const { return trials_; }
  std::uint64_t sdc() const { return sdc_; }

  const std::vector<TrialRange>& ids() const { return ids_; }
  const ClassCounts& counts() const { return counts_; }
  // Bit s of word s / 64: some trial met sample s.
  const std::vector<std::uint64_t>& samples() const { return samples_; }
  // Where a fault meets several samples: sums of the faults of which all trials are here, by packed
  // struck, and parts of the others.
  const std::map<std::uint32_t, Moments>& faults() const { return faults_; }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  void add_id(std::uint64_t first, std::uint64_t last);

  std::uint64_t samples_per_fault_ = 1;
  std::uint64_t trials_ = 0;
  std::uint64_t sdc_ = 0;
  std::vector<TrialRange> ids_;
  ClassCounts counts_;
  std::vector<std::uint64_t> samples_;
  injectors::FaultId fault_;         // whose classes are in open_
  std::vector<std::uint64_t> open_;  // packed, without depth; a trial each
  std::map<std::uint32_t, Moments> faults_;
  std::vector<Part> parts_;
};

// The sums of one fault, from the parts of all its trials.
Cluster cluster_of(std::span<const Tally::Part> parts);

}  // namespace softbeam::record
