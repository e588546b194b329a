#include "host/record/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "host/base/error.h"
#include "host/compare/outcome.h"
#include "host/record/aggregate_schema.h"
#include "host/record/statement.h"

namespace softbeam::record {
namespace {

constexpr const char* tables = R"sql(
CREATE TABLE campaigns(
  id INTEGER PRIMARY KEY, label TEXT NOT NULL UNIQUE, config TEXT NOT NULL,
  planned INTEGER NOT NULL, confidence REAL NOT NULL, clustered INTEGER NOT NULL,
  samples INTEGER NOT NULL, frame TEXT NOT NULL, started TEXT NOT NULL, versions TEXT NOT NULL);

CREATE TABLE campaign_facts(
  campaign INTEGER NOT NULL REFERENCES campaigns, position INTEGER NOT NULL,
  key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(campaign, position)) WITHOUT ROWID;

CREATE TABLE sites(
  campaign INTEGER NOT NULL REFERENCES campaigns, position INTEGER NOT NULL,
  site INTEGER NOT NULL, name TEXT NOT NULL, op TEXT NOT NULL, module TEXT NOT NULL,
  kind TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL, elements INTEGER NOT NULL,
  macs INTEGER NOT NULL, draw_share REAL NOT NULL, element_share REAL NOT NULL,
  PRIMARY KEY(campaign, position), UNIQUE(campaign, site)) WITHOUT ROWID;

CREATE TABLE golden(
  campaign INTEGER NOT NULL REFERENCES campaigns, sample INTEGER NOT NULL, label INTEGER,
  top1 INTEGER, confidence REAL, PRIMARY KEY(campaign, sample)) WITHOUT ROWID;

CREATE TABLE corruptions(
  campaign INTEGER NOT NULL REFERENCES campaigns, fault INTEGER NOT NULL,
  position INTEGER NOT NULL, site INTEGER NOT NULL, element INTEGER NOT NULL,
  operation INTEGER NOT NULL REFERENCES operations, keep INTEGER NOT NULL, flip INTEGER NOT NULL,
  PRIMARY KEY(campaign, fault, position)) WITHOUT ROWID;

CREATE TABLE trials(
  id INTEGER PRIMARY KEY,
  campaign INTEGER GENERATED ALWAYS AS (id >> 40) VIRTUAL,
  trial INTEGER GENERATED ALWAYS AS (id & 1099511627775) VIRTUAL,
  fault INTEGER NOT NULL, sample INTEGER NOT NULL, activated INTEGER NOT NULL, depth INTEGER,
  outcome INTEGER NOT NULL REFERENCES outcomes, top1 INTEGER, sdc_1 INTEGER, sdc_5 INTEGER,
  sdc_10 INTEGER, sdc_20 INTEGER, max_abs REAL, max_rel REAL);

CREATE TABLE outcomes(code INTEGER PRIMARY KEY, name TEXT NOT NULL, definition TEXT NOT NULL);
CREATE TABLE operations(code INTEGER PRIMARY KEY, name TEXT NOT NULL);

CREATE VIEW corruption_view AS
SELECT c.campaign, c.fault, c.position, s.name AS site, s.op, s.dtype, c.element,
  o.name AS operation, printf('0x%x', c.keep) AS keep, printf('0x%x', c.flip) AS flip
FROM corruptions AS c
JOIN sites AS s ON s.campaign = c.campaign AND s.site = c.site
JOIN operations AS o ON o.code = c.operation;

CREATE VIEW trial_view AS
SELECT t.campaign, k.label AS campaign_label, t.trial, t.fault, t.sample, c.position,
  c.site, c.op, c.dtype, c.element, c.operation, c.keep, c.flip, t.activated,
  o.name AS outcome, t.depth, g.label, g.top1 AS golden_top1, g.confidence AS golden_confidence,
  t.top1, t.sdc_1, t.sdc_5, t.sdc_10, t.sdc_20, t.max_abs, t.max_rel
FROM trials AS t
JOIN campaigns AS k ON k.id = t.campaign
JOIN outcomes AS o ON o.code = t.outcome
LEFT JOIN golden AS g ON g.campaign = t.campaign AND g.sample = t.sample
LEFT JOIN corruption_view AS c ON c.campaign = t.campaign AND c.fault = t.fault;
)sql";

// Later than the first stores of this version.
constexpr const char* late_tables = R"sql(
CREATE TABLE IF NOT EXISTS campaign_notes(
  campaign INTEGER NOT NULL REFERENCES campaigns, position INTEGER NOT NULL,
  key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(campaign, position)) WITHOUT ROWID;
)sql";

constexpr std::array all_operations{
    injectors::Operation::bit_flip,   injectors::Operation::stuck_at_0,
    injectors::Operation::stuck_at_1, injectors::Operation::zero,
    injectors::Operation::set_value,  injectors::Operation::random_value};

void fill(SQLite::Database& db) {
  db.exec(tables);
  add_missing_tables(db);
  Statement outcome(db.getHandle(), "INSERT INTO outcomes VALUES (?, ?, ?)");
  for (const compare::Outcome each : compare::all_outcomes) {
    outcome.bind(1, static_cast<std::int64_t>(each));
    outcome.bind(2, std::string(name(each)));
    outcome.bind(3, std::string(definition(each)));
    outcome.run();
  }
  Statement operation(db.getHandle(), "INSERT INTO operations VALUES (?, ?)");
  for (const injectors::Operation each : all_operations) {
    operation.bind(1, code(each));
    operation.bind(2, std::string(name(each)));
    operation.run();
  }
  db.exec(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id,
                      schema_version));
}

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

void remove_draft(const std::string& draft) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) unlink((draft + suffix).c_str());
}

// A log or journal beside a store that is gone belongs to none, yet SQLite would replay it into a
// new file of the same name.
void remove_orphans(const std::string& path) {
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    const std::string orphan = path + suffix;
    if (unlink(orphan.c_str()) == 0 || errno == ENOENT) continue;
    const int error = errno;
    remove_draft(path + ".softbeam-new");
    throw RunError(
        fmt::format("cannot make the store '{}' ('{}' of a store that is gone cannot be removed: "
                    "{}); remove it or choose another path",
                    path, orphan, std::strerror(error)));
  }
}

// So that the new name survives a power cut as well.
void sync_folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const int folder = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  fsync(folder);
  close(folder);
}

}  // namespace

void add_missing_tables(SQLite::Database& db) { db.exec(late_tables); }

void mark_as_aggregate(SQLite::Database& db) {
  const int version = db.execAndGet("PRAGMA user_version");
  if (static_cast<std::uint32_t>(version) >= aggregate_version) return;
  SQLite::Transaction transaction(db);
  db.exec(aggregate_tables());
  db.exec(fmt::format("PRAGMA user_version = {}", aggregate_version));
  transaction.commit();
  // Whoever reads the store now may hold the log back; a later checkpoint brings it home.
  db.execAndGet("PRAGMA wal_checkpoint(PASSIVE)");
}

std::int64_t code(injectors::Operation operation) {
  switch (operation) {
    case injectors::Operation::bit_flip:
      return 1;
    case injectors::Operation::stuck_at_0:
      return 2;
    case injectors::Operation::stuck_at_1:
      return 3;
    case injectors::Operation::zero:
      return 4;
    case injectors::Operation::set_value:
      return 5;
    case injectors::Operation::random_value:
      return 6;
  }
  return 0;
}

std::optional<injectors::Operation> operation_of(std::int64_t stored) {
  for (const injectors::Operation each : all_operations) {
    if (code(each) == stored) return each;
  }
  return std::nullopt;
}

bool is_store(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return false;
  const auto refuse = [&](const std::string& why) {
    throw RunError(
        fmt::format("'{}' is not a store of softbeam ({}); choose another path", path, why));
  };
  if (fs::is_directory(path, error)) refuse("it is a folder");
  if (!fs::exists(path, error)) refuse("it is a symbolic link to nothing");
  if (!fs::is_regular_file(path, error)) refuse("it is not a regular file");
  // SQLite's header (www.sqlite.org/fileformat.html): version at byte 60, application at 68.
  std::array<unsigned char, 100> header{};
  std::ifstream file(path, std::ios::binary);
  if (!file) throw RunError(fmt::format("cannot read '{}' ({})", path, std::strerror(errno)));
  file.read(reinterpret_cast<char*>(header.data()), header.size());
  if (file.gcount() == 0) refuse("the file is empty");
  if (file.gcount() < 100 || std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
    refuse("the file is not an SQLite database");
  }
  const std::uint32_t id = big_endian(header.data() + 68);
  if (id != application_id) {
    refuse(fmt::format("the SQLite database belongs to another application, id 0x{:08x}", id));
  }
  const std::uint32_t version = big_endian(header.data() + 60);
  if (version > aggregate_version) {
    throw RunError(
        fmt::format("the store '{}' was written by a newer softbeam (schema {}, this "
                    "program knows {}); update softbeam",
                    path, version, aggregate_version));
  }
  if (version < schema_version) refuse(fmt::format("schema version {}", version));
  return true;
}

void create_store(const std::string& path) {
  const std::string draft = path + ".softbeam-new";
  remove_draft(draft);
  try {
    SQLite::Database db(draft, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    // Larger than SQLite's 4 KiB: trials come by the million, and pages cost by the piece.
    db.exec("PRAGMA page_size = 16384");
    SQLite::Transaction transaction(db);
    fill(db);
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    remove_draft(draft);
    throw RunError(fmt::format(
        "cannot make the store '{}' ({}); nothing is left behind: {}run the same command again",
        path, error.what(),
        error.getErrorCode() == SQLITE_FULL ? "free some disk space and " : "mend that and "));
  }
  remove_orphans(path);
  if (std::rename(draft.c_str(), path.c_str()) != 0) {
    const int error = errno;
    remove_draft(draft);
    throw RunError(fmt::format("cannot make the store '{}' ({})", path, std::strerror(error)));
  }
  sync_folder_of(path);
}

}  // namespace softbeam::record
