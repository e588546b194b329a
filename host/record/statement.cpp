#include "host/record/statement.h"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>

#include <limits>

#include "host/base/error.h"

namespace softbeam::record {

Statement::Statement(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(db, sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr);
  statement_.reset(raw);
  if (code != SQLITE_OK) throw SQLite::Exception(db, code);
}

void Statement::bind_id(int at, std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw RunError(
        fmt::format("the number {} is too large for the store (at most 2^63 - 1)", value));
  }
  bind(at, static_cast<std::int64_t>(value));
}

void Statement::bind(int at, const std::string& text) {
  check(sqlite3_bind_text(get(), at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT));
}

void Statement::bind_blob(int at, const void* bytes, std::size_t size) {
  check(sqlite3_bind_blob(get(), at, bytes, static_cast<int>(size), SQLITE_TRANSIENT));
}

bool Statement::step() {
  const int code = sqlite3_step(get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(code);
  return false;
}

void Statement::run() {
  const int code = sqlite3_step(get());
  if (code != SQLITE_DONE && code != SQLITE_ROW) {
    // The message is read before the reset, which may clear it.
    const SQLite::Exception error(sqlite3_db_handle(get()), code);
    sqlite3_reset(get());
    throw error;
  }
  sqlite3_reset(get());
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

std::string Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

void Statement::fail(int code) const { throw SQLite::Exception(sqlite3_db_handle(get()), code); }

}  // namespace softbeam::record
