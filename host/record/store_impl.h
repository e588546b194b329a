// Private: what an open store holds, and how SQLite's failures become messages.
// Shared by store.cpp (opening), writer.cpp and reader.cpp.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <optional>
#include <string>

#include "host/record/aggregate_writer.h"
#include "host/record/lock_file.h"
#include "host/record/row_tables.h"
#include "host/record/statement.h"
#include "host/record/store.h"

namespace softbeam::record {

// What `append` needs, made once: the tables that show it the rows, and the statements that copy.
struct Appender {
  explicit Appender(sqlite3* db);
  RowTables rows;
  Statement trials, corruptions;
};

struct Store::Impl {
  // Destroyed last to first: the statements, the connection, the lock.
  std::string path;
  std::unique_ptr<LockFile> lock;  // writers only
  std::unique_ptr<SQLite::Database> db;
  std::optional<Appender> append;
  std::optional<AggregateWriter> aggregate;  // of the campaign that was added to last

  ~Impl();
  sqlite3* handle() const { return db->getHandle(); }

  // As the store's own.
  std::uint64_t count(std::int64_t campaign) const;
  // Nothing for a campaign of rows.
  std::optional<AggregateRule> rule(std::int64_t campaign) const;
  // The writer of a campaign that has a rule.
  AggregateWriter& writer(std::int64_t campaign);

  // RunError that says what could not be done, and why.
  [[noreturn]] void fail(const char* verb, const SQLite::Exception& error) const;

  // The same of a chunk of trials: says how to go on.
  [[noreturn]] void fail_to_append(std::int64_t campaign, const SQLite::Exception& error) const;

  // Runs a function of SQLite calls; `verb` is "read" or "write".
  template <class Function>
  auto guarded(const char* verb, const Function& function) const {
    try {
      return function();
    } catch (const SQLite::Exception& error) {
      fail(verb, error);
    }
  }
};

// First row number of a campaign's trials, and the one behind its last.
std::int64_t first_id(std::int64_t campaign);
std::int64_t end_id(std::int64_t campaign);
// Rows of a campaign's trials.
std::uint64_t count_rows(sqlite3* db, std::int64_t campaign);

}  // namespace softbeam::record
