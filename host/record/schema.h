// Private: the store's tables, its application id and its version. docs/store.md documents them.
// Used when a store is opened.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <optional>
#include <string>

#include "injectors/corruption.h"

namespace softbeam::record {

inline constexpr std::uint32_t application_id = 0x5342454D;  // "SBEM"
inline constexpr std::uint32_t schema_version = 1;
// Of a store with a campaign that keeps counts: programs of version 1 would take its rows for all
// of its trials.
inline constexpr std::uint32_t aggregate_version = 2;

// trials.id = campaign * 2^40 + trial: SQLite appends fastest along its own row number.
inline constexpr int trial_bits = 40;

// Codes of operations in the file; they never change, whatever the order of the enumeration.
std::int64_t code(injectors::Operation operation);
std::optional<injectors::Operation> operation_of(std::int64_t stored);

// Reads the first bytes of a file, without SQLite, which might leave files beside a foreign one.
// Returns false if nothing is there; throws RunError if something is there that is not a store
// of a version known here.
bool is_store(const std::string& path);

// Adds the tables that came after version 1's first ones, where they are missing; older programs
// ignore them. For a store that is open for writing.
void add_missing_tables(SQLite::Database& db);

// Adds the tables of campaigns that keep counts, where they are missing, and raises the version in
// the file's header, past the log: programs read it there. Not within a transaction.
void mark_as_aggregate(SQLite::Database& db);

// Makes an empty store: in a file beside, which is renamed when complete, so that a killed process
// leaves no half-made store behind; one that fails (RunError) removes it. What a deleted store left
// beside `path` (-wal, -shm, -journal) is removed first, lest SQLite replay it into the new one.
// Precondition: the lock is held and nothing is at `path`.
void create_store(const std::string& path);

}  // namespace softbeam::record
