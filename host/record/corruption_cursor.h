// Private: the corruptions of one fault after another, as one forward scan where faults ascend.
// The corruption side of the reader's merge join.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/record/rows.h"
#include "host/record/statement.h"

namespace softbeam::record {

class CorruptionCursor {
 public:
  // `path` of the store, for messages.
  CorruptionCursor(sqlite3* db, std::int64_t campaign, std::string path);

  // In position order; valid until the next call. Faults may come in any order, ascending is fast.
  std::span<const CorruptionRow> of(injectors::FaultId fault);

 private:
  void seek(injectors::FaultId fault);
  void advance();
  CorruptionRow row() const;

  Statement select_;
  std::int64_t campaign_;
  std::string path_;
  std::optional<injectors::FaultId> current_;  // whose rows are in rows_
  std::optional<injectors::FaultId> ahead_;    // of the row that select_ stands on
  std::vector<CorruptionRow> rows_;
};

}  // namespace softbeam::record
