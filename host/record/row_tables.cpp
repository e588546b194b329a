#include "host/record/row_tables.h"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

#include <limits>
#include <new>
#include <optional>

#include "host/base/error.h"
#include "host/record/schema.h"
#include "host/record/store_impl.h"

namespace softbeam::record {
namespace {

// Without a result a column is NULL.
template <class Integer>
void give(sqlite3_context* to, const std::optional<Integer>& value) {
  if (value) sqlite3_result_int64(to, static_cast<std::int64_t>(*value));
}

void give(sqlite3_context* to, std::uint64_t value) {
  sqlite3_result_int64(to, static_cast<std::int64_t>(value));
}

constexpr const char* declaration(const TrialRow*) {
  return "CREATE TABLE new_trials(id, fault, sample, activated, depth, outcome, top1, sdc_1, "
         "sdc_5, sdc_10, sdc_20, max_abs, max_rel)";
}

void give_column(sqlite3_context* to, std::int64_t campaign, const TrialRow& row, int column) {
  const compare::Verdict& verdict = row.verdict;
  switch (column) {
    case 0:
      return give(to, static_cast<std::uint64_t>(first_id(campaign)) + row.trial.value);
    case 1:
      return give(to, row.fault.value);
    case 2:
      return give(to, std::uint64_t{row.sample.value});
    case 3:
      return give(to, std::uint64_t{row.activated});
    case 4:
      return give(to, row.depth);
    case 5:
      return give(to, static_cast<std::uint64_t>(verdict.outcome));
    case 6:
      return give(to, verdict.top1);
    case 7:
      return give(to, verdict.sdc_1);
    case 8:
      return give(to, verdict.sdc_5);
    case 9:
      return give(to, verdict.sdc_10);
    case 10:
      return give(to, verdict.sdc_20);
    case 11:
      return sqlite3_result_double(to, verdict.max_abs);
    default:
      return sqlite3_result_double(to, verdict.max_rel);
  }
}

constexpr const char* declaration(const CorruptionRow*) {
  return "CREATE TABLE new_corruptions(campaign, fault, position, site, element, operation, keep, "
         "flip)";
}

void give_column(sqlite3_context* to, std::int64_t campaign, const CorruptionRow& row, int column) {
  const injectors::Corruption& corruption = row.corruption;
  switch (column) {
    case 0:
      return give(to, static_cast<std::uint64_t>(campaign));
    case 1:
      return give(to, row.fault.value);
    case 2:
      return give(to, std::uint64_t{row.position});
    case 3:
      return give(to, std::uint64_t{corruption.site.value});
    case 4:
      return give(to, corruption.element);
    case 5:
      return give(to, static_cast<std::uint64_t>(code(corruption.operation)));
    case 6:
      return give(to, corruption.masks.keep);
    default:
      return give(to, corruption.masks.flip);
  }
}

// SQLite's C interface of a table that is only scanned from its first row to its last.
template <class Row>
class Scanned {
 public:
  static const sqlite3_module module;

 private:
  struct Table {
    sqlite3_vtab base{};
    const RowSource<Row>* source = nullptr;
  };
  struct Cursor {
    sqlite3_vtab_cursor base{};
    std::size_t part = 0;
    std::size_t row = 0;
  };
  static const RowSource<Row>& source(sqlite3_vtab_cursor* cursor) {
    return *reinterpret_cast<Table*>(cursor->pVtab)->source;
  }
  static Cursor& state(sqlite3_vtab_cursor* cursor) { return *reinterpret_cast<Cursor*>(cursor); }

  static int connect(sqlite3* db, void* source, int, const char* const*, sqlite3_vtab** made,
                     char**) {
    auto* const table = new (std::nothrow) Table{.source = static_cast<RowSource<Row>*>(source)};
    if (table == nullptr) return SQLITE_NOMEM;
    *made = &table->base;
    return sqlite3_declare_vtab(db, declaration(static_cast<const Row*>(nullptr)));
  }
  static int disconnect(sqlite3_vtab* table) {
    delete reinterpret_cast<Table*>(table);
    return SQLITE_OK;
  }
  static int plan(sqlite3_vtab*, sqlite3_index_info*) { return SQLITE_OK; }
  static int open(sqlite3_vtab*, sqlite3_vtab_cursor** made) {
    auto* const cursor = new (std::nothrow) Cursor;
    if (cursor == nullptr) return SQLITE_NOMEM;
    *made = &cursor->base;
    return SQLITE_OK;
  }
  static int close(sqlite3_vtab_cursor* cursor) {
    delete &state(cursor);
    return SQLITE_OK;
  }
  static void skip_empty_parts(sqlite3_vtab_cursor* cursor) {
    const auto& parts = source(cursor).parts;
    Cursor& at = state(cursor);
    while (at.part < parts.size() && at.row == parts[at.part].size()) {
      ++at.part;
      at.row = 0;
    }
  }
  static int rewind(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
    state(cursor).part = state(cursor).row = 0;
    skip_empty_parts(cursor);
    return SQLITE_OK;
  }
  static int next(sqlite3_vtab_cursor* cursor) {
    ++state(cursor).row;
    skip_empty_parts(cursor);
    return SQLITE_OK;
  }
  static int is_at_end(sqlite3_vtab_cursor* cursor) {
    return static_cast<int>(state(cursor).part == source(cursor).parts.size());
  }
  static int column(sqlite3_vtab_cursor* cursor, sqlite3_context* to, int column) {
    const RowSource<Row>& rows = source(cursor);
    const Cursor& at = state(cursor);
    give_column(to, rows.campaign, rows.parts[at.part][at.row], column);
    return SQLITE_OK;
  }
  static int row_number(sqlite3_vtab_cursor* cursor, sqlite3_int64* number) {
    *number = static_cast<sqlite3_int64>(state(cursor).row);
    return SQLITE_OK;
  }
};

// Without xCreate the table is there under its module's name, in every schema.
template <class Row>
const sqlite3_module Scanned<Row>::module = {.iVersion = 0,
                                             .xConnect = connect,
                                             .xBestIndex = plan,
                                             .xDisconnect = disconnect,
                                             .xOpen = open,
                                             .xClose = close,
                                             .xFilter = rewind,
                                             .xNext = next,
                                             .xEof = is_at_end,
                                             .xColumn = column,
                                             .xRowid = row_number};

// SQLite's integers are signed.
void require_id(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw RunError(
        fmt::format("the number {} is too large for the store (at most 2^63 - 1)", value));
  }
}

void require_numbers(const RowSpans& rows) {
  for (const TrialRow& row : rows.trials) {
    require_id(row.fault.value);
    if (row.trial.value >> trial_bits != 0) {
      throw RunError(fmt::format("trial {} is too large for the store (below 2^{})",
                                 row.trial.value, trial_bits));
    }
  }
  for (const CorruptionRow& row : rows.corruptions) {
    require_id(row.fault.value);
    require_id(row.corruption.element);
  }
}

void add_table(sqlite3* db, const char* name, const sqlite3_module& module, void* source) {
  const int result = sqlite3_create_module(db, name, &module, source);
  if (result != SQLITE_OK) throw SQLite::Exception(db, result);
}

}  // namespace

RowTables::RowTables(sqlite3* db) {
  add_table(db, "new_trials", Scanned<TrialRow>::module, &trials_);
  add_table(db, "new_corruptions", Scanned<CorruptionRow>::module, &corruptions_);
}

void RowTables::show(std::int64_t campaign, std::span<const RowSpans> rows) {
  trials_ = {.campaign = campaign, .parts = {}};
  corruptions_ = {.campaign = campaign, .parts = {}};
  for (const RowSpans& part : rows) {
    require_numbers(part);
    trials_.parts.emplace_back(part.trials);
    corruptions_.parts.emplace_back(part.corruptions);
  }
}

}  // namespace softbeam::record
