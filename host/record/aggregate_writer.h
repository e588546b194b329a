// Private: adds to the tables of one campaign that keeps counts.
// Held by a Store that is open for writing; every call stands in a transaction of the caller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/record/counted_trials.h"
#include "host/record/rows.h"
#include "host/record/statement.h"
#include "host/record/tally.h"

namespace softbeam::record {

// See Store::keep_below.
std::uint64_t keep_below(sqlite3* db, std::int64_t campaign, const AggregateRule& rule);

// Remembers what it wrote: after a transaction that failed, make another one.
class AggregateWriter {
 public:
  AggregateWriter(sqlite3* db, std::int64_t campaign, AggregateRule rule, const std::string& path);

  std::int64_t campaign() const { return campaign_; }
  // Throws RunError where a trial is counted already, or where the tables contradict each other.
  void add(const Tally& tally);
  // So many rows were added: removes those above the limit, and corruptions that no row needs.
  void trim(std::uint64_t added);

 private:
  void require_consistency();
  void add_counts(const ClassCounts& counts);
  void add_samples(const std::vector<std::uint64_t>& samples);
  void add_faults(const std::map<std::uint32_t, Moments>& faults);
  // Adds parts to their faults; what is complete then goes to `closed`.
  void add_parts(std::vector<Tally::Part> parts, std::map<std::uint32_t, Moments>& closed);
  std::vector<Tally::Part> stored_parts(injectors::FaultId fault);

  sqlite3* db_;
  std::int64_t campaign_;
  AggregateRule rule_;
  std::string path_;
  CountedTrials counted_;
  std::vector<std::uint64_t> samples_;  // bit s of word s / 64: is in the table
  std::uint64_t kept_ = 0;              // rows
  Statement count_, sample_, cell_, sum_, part_, parts_of_, close_;
};

}  // namespace softbeam::record
