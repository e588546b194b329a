// The campaign store: one SQLite file that survives being killed at any moment.
// Written by the campaign loop, read by report, export and replay. One writer at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/record/rows.h"
#include "host/record/tally.h"
#include "host/record/totals.h"

namespace softbeam::record {

enum class Order : std::uint8_t { trial, fault };

// Not thread-safe: one thread at a time.
class Store {
 public:
  // Opens or creates the store for writing and takes the lock file PATH.lock (flock; released and
  // removed by the destructor). WAL on a local disk, a rollback journal on a network file system.
  // A symbolic link is followed; one to nothing is refused.
  // Throws RunError, leaving the file untouched, for a file that is empty or not SQLite, a database
  // of another application, a newer schema, a folder that is missing or not writable, a store with
  // several names (hard links: each would have a lock of its own), one that another process is
  // writing to (names its process id), or where a file of another program is named PATH.lock.
  // Every function below throws RunError with the path where SQLite fails.
  static Store open_for_writing(const std::string& path);
  // Opens an existing store read-only; takes no lock. Same errors; also when it does not exist.
  static Store open_for_reading(const std::string& path);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // As it was given.
  const std::string& path() const;

  std::vector<CampaignRow> campaigns() const;
  std::optional<CampaignRow> find(const std::string& label) const;

  // Adds a campaign with its frame and golden rows in one transaction; returns its id (the row's
  // own `id` is ignored). Throws RunError if the label is taken. The first one with a rule
  // `aggregate` raises the store's version.
  std::int64_t add(const CampaignRow& campaign, std::span<const GoldenRow> golden);
  // Raises the number of planned trials; never lowers it.
  void grow(std::int64_t campaign, std::uint64_t planned);

  // Replaces the campaign's notes in one transaction.
  void set_notes(std::int64_t campaign, const Notes& notes);
  // None where no run came to an end yet, and in stores of programs that kept none.
  Notes notes(std::int64_t campaign) const;

  // Of a campaign of rows: adds the trials of one chunk and the corruptions of their faults in one
  // transaction. A corruption that is there already (another chunk met the same fault) is left as
  // it is. Throws RunError, nothing of the chunk written, if a trial has a row already, or where
  // the disk is full (says how many trials are stored and that the run can go on from there).
  void append(std::int64_t campaign, std::span<const TrialRow> trials,
              std::span<const CorruptionRow> corruptions);
  // The same for the rows of several chunks, in one transaction for all of them.
  void append(std::int64_t campaign, std::span<const RowSpans> chunks);

  // Of a campaign with a rule `aggregate`: adds the counts of some trials, their ids and, of those
  // worth keeping, the rows, in one transaction; then drops rows beyond the rule's limit, so that
  // which are left does not depend on the order of calls. Throws RunError, nothing written, if a
  // trial is counted already, or as append() does.
  void append(std::int64_t campaign, const Tally& tally, std::span<const RowSpans> kept);
  // Ids of trials worth keeping that would now be kept are below it. 0 without a rule.
  std::uint64_t keep_below(std::int64_t campaign) const;
  // What such a campaign has counted, of one moment. Empty without a rule.
  Totals totals(std::int64_t campaign) const;

  // Trial ids of [0, planned) that are neither rows nor counted yet, as ascending ranges.
  std::vector<TrialRange> missing(std::int64_t campaign, std::uint64_t planned) const;
  // Trials that are rows or counted.
  std::uint64_t count(std::int64_t campaign) const;
  bool has(std::int64_t campaign, injectors::TrialId trial) const;
  // Rows of trials; fewer than count() where counts are kept.
  std::uint64_t rows(std::int64_t campaign) const;

  std::vector<GoldenRow> golden(std::int64_t campaign) const;

  // Calls `visit` for every row of a trial with the corruptions of its fault in position order:
  // ascending by trial, or by fault and then trial (sorts first where trials and faults do not
  // ascend together). What `visit` throws passes through.
  using Visit = std::function<void(const TrialRow&, std::span<const CorruptionRow>)>;
  void for_each(std::int64_t campaign, const Visit& visit, Order order = Order::trial) const;
  // One trial; false when it has no row.
  bool visit_one(std::int64_t campaign, injectors::TrialId trial, const Visit& visit) const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace softbeam::record
