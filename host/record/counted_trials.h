// Private: which trials of an aggregate campaign are counted, as a bitmap of every 65,536 ids.
// Used by the store's readers and its aggregate writer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/record/rows.h"
#include "host/record/statement.h"

namespace softbeam::record {

inline constexpr int chunk_bits = 16;  // table counted: a row's id is campaign << 24 | chunk

class CountedTrials {
 public:
  // `path` of the store, for messages.
  CountedTrials(sqlite3* db, std::int64_t campaign, std::string path);

  // Marks trials; throws RunError where one is marked already. Nothing is written yet.
  void add(TrialRange trials);
  // Within the caller's transaction: what add() changed since the last time.
  void write();

  // Those of [0, planned) that are not in the table, as ascending ranges.
  std::vector<TrialRange> missing(std::uint64_t planned) const;
  bool has(std::uint64_t trial) const;
  std::uint64_t count() const;

 private:
  struct Chunk {
    std::vector<std::uint64_t> words;
    std::uint64_t trials = 0;
    bool changed = false;
  };
  std::int64_t first_row() const;
  // Of a stored row: its words, none where all trials are counted.
  std::vector<std::uint64_t> read(const Statement& from, int column) const;
  Chunk& open(std::uint64_t chunk);
  void mark(Chunk& chunk, std::uint64_t chunk_id, std::uint64_t first, std::uint64_t last);

  sqlite3* db_;
  std::int64_t campaign_;
  std::string path_;
  std::map<std::uint64_t, Chunk> open_;  // those that are not full, as far as they were met
};

}  // namespace softbeam::record
