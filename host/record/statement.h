// Private: a prepared SQLite statement, bound and stepped without copies or allocations.
// Used by the reader and the writer, whose rows come by the million.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace softbeam::record {

// Every failing call throws SQLite::Exception. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement(sqlite3* db, const std::string& sql);

  void bind(int at, std::int64_t value) { check(sqlite3_bind_int64(get(), at, value)); }
  // An id or a count: SQLite's integers are signed; throws RunError above 2^63 - 1.
  void bind_id(int at, std::uint64_t value);
  // A 64-bit pattern, stored as the signed integer with the same bits.
  void bind_word(int at, std::uint64_t value) { bind(at, static_cast<std::int64_t>(value)); }
  void bind(int at, double value) { check(sqlite3_bind_double(get(), at, value)); }
  // The text is copied.
  void bind(int at, const std::string& text);
  // The bytes are copied.
  void bind_blob(int at, const void* bytes, std::size_t size);
  void bind_null(int at) { check(sqlite3_bind_null(get(), at)); }
  template <class T>
  void bind_optional(int at, const std::optional<T>& value) {
    if (!value) return bind_null(at);
    if constexpr (std::is_floating_point_v<T>) {
      bind(at, static_cast<double>(*value));
    } else {
      bind(at, static_cast<std::int64_t>(*value));
    }
  }

  bool step();  // true: a row is there
  void reset() { sqlite3_reset(get()); }
  void run();  // step to the end and reset; also resets when it throws

  std::int64_t integer(int column) const { return sqlite3_column_int64(get(), column); }
  std::uint64_t word(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const { return sqlite3_column_double(get(), column); }
  std::string text(int column) const;
  std::string blob(int column) const;
  bool is_null(int column) const { return sqlite3_column_type(get(), column) == SQLITE_NULL; }
  template <class T>
  std::optional<T> optional(int column) const {
    if (is_null(column)) return std::nullopt;
    if constexpr (std::is_floating_point_v<T>) {
      return static_cast<T>(real(column));
    } else if constexpr (std::is_same_v<T, bool>) {
      return integer(column) != 0;
    } else {
      return static_cast<T>(integer(column));
    }
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3_stmt* get() const { return statement_.get(); }
  void check(int code) const {
    if (code != SQLITE_OK) fail(code);
  }
  [[noreturn]] void fail(int code) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace softbeam::record
