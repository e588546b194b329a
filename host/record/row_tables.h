// Private: rows in memory as tables that SQLite reads, so that one statement inserts all of them.
// Used by the writer, whose rows come by the million: nothing is bound and stepped row by row.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <span>
#include <vector>

#include "host/record/rows.h"

namespace softbeam::record {

// What one table shows: rows in several pieces, one after the other.
template <class Row>
struct RowSource {
  std::int64_t campaign = 0;
  std::vector<std::span<const Row>> parts;
};

// Two virtual tables of a connection, new_trials and new_corruptions, with the columns of `trials`
// (but for the computed ones) and `corruptions`.
class RowTables {
 public:
  // Must outlive every statement on these tables. Throws SQLite::Exception.
  explicit RowTables(sqlite3* db);
  RowTables(const RowTables&) = delete;
  RowTables& operator=(const RowTables&) = delete;

  // The tables show these rows until the next call; the rows must stay as long as they are read.
  // Throws RunError for a number that the store cannot hold.
  void show(std::int64_t campaign, std::span<const RowSpans> rows);

 private:
  RowSource<TrialRow> trials_;
  RowSource<CorruptionRow> corruptions_;
};

}  // namespace softbeam::record
