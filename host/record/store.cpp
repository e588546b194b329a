#include "host/record/store.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "host/base/error.h"
#include "host/record/file_system.h"
#include "host/record/schema.h"
#include "host/record/store_impl.h"

namespace softbeam::record {
namespace {

namespace fs = std::filesystem;

constexpr int reader_patience_ms = 60'000;
// A report that reads a store with a rollback journal holds its writer up for as long.
constexpr int writer_patience_ms = 600'000;

// The file that a link names, so that its lock and its journal lie beside it, not beside the link.
std::string target_of(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  return error || !fs::exists(target) ? fs::absolute(path).string() : target.string();
}

void require_writable(const std::string& path, const std::string& given, bool exists) {
  const std::string folder = fs::path(path).parent_path().string();
  const auto refuse = [&](const std::string& why) {
    throw RunError(
        fmt::format("cannot write the store '{}' ({}); choose another path", given, why));
  };
  if (!fs::is_directory(folder)) refuse(fmt::format("there is no folder '{}'", folder));
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    refuse(fmt::format("the folder '{}' is not writable: {}", folder, std::strerror(errno)));
  }
  if (!exists) return;
  if (access(path.c_str(), W_OK) != 0) {
    refuse(fmt::format("the file is not writable: {}", std::strerror(errno)));
  }
  // Lock and journal lie beside a name: writers of two names would not see each other.
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && status.st_nlink > 1) {
    refuse(
        fmt::format("it is a hard link, one of {} names of its file, and two names would be two "
                    "locks; copy the file or remove the other names",
                    status.st_nlink));
  }
}

std::string journal_mode(SQLite::Database& db, const char* mode) {
  return db.execAndGet(fmt::format("PRAGMA journal_mode = {}", mode)).getString();
}

void set_durability(SQLite::Database& db, const std::string& path) {
  const bool wal = !is_on_network(path) && journal_mode(db, "WAL") == "wal";
  if (wal) {
    // Commits reach the disk in order; a power cut may lose the last of them, never their order.
    db.exec("PRAGMA synchronous = NORMAL");
    // 32 MiB of pages: those that every commit touches are copied back less often than by default.
    const int page = db.execAndGet("PRAGMA page_size");
    db.exec(fmt::format("PRAGMA wal_autocheckpoint = {}", (32 << 20) / page));
  } else {
    journal_mode(db, "DELETE");
    db.exec("PRAGMA synchronous = FULL");
  }
}

// Touches every table's definition, so that a damaged file is found before anything is written.
void require_tables(SQLite::Database& db) {
  db.exec("SELECT 1 FROM campaigns, campaign_facts, sites, golden, corruptions, trials LIMIT 0");
}

std::string uri(const std::string& path) {
  std::string text = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text + "?immutable=1";
}

std::unique_ptr<SQLite::Database> open_database(const std::string& name, int flags,
                                                int patience_ms) {
  // A store belongs to one thread at a time: SQLite's own locks, taken at every bound value, are
  // left out.
  auto db = std::make_unique<SQLite::Database>(name, flags | SQLite::OPEN_NOMUTEX, patience_ms);
  require_tables(*db);
  return db;
}

std::unique_ptr<SQLite::Database> open_to_read(const std::string& path) {
  try {
    return open_database(path, SQLite::OPEN_READONLY, reader_patience_ms);
  } catch (const SQLite::Exception& error) {
    const int code = error.getErrorCode() & 0xff;
    if (code != SQLITE_READONLY && code != SQLITE_CANTOPEN) throw;
  }
  // The writer was killed: its journal has to be rolled back, or its log needs an index.
  if (access(fs::path(path).parent_path().c_str(), W_OK) == 0 && access(path.c_str(), W_OK) == 0) {
    auto db = open_database(path, SQLite::OPEN_READWRITE, reader_patience_ms);
    db->exec("PRAGMA query_only = 1");
    return db;
  }
  // A finished store on a medium that cannot be written needs no lock and no log.
  if (fs::exists(path + "-journal") || fs::exists(path + "-wal")) {
    throw RunError(
        fmt::format("cannot read the store '{}' (its writer was killed, and its folder "
                    "is not writable); copy it with its -wal or -journal file to a "
                    "folder that is",
                    path));
  }
  return open_database(uri(path), SQLite::OPEN_READONLY | SQLite::OPEN_URI, reader_patience_ms);
}

}  // namespace

Store::Impl::~Impl() {
  append.reset();
  aggregate.reset();
  if (!db || !lock) return;
  // A finished store is one file that can be read from any medium. Others that are reading it now
  // keep the log alive; SQLite then leaves it to the last of them.
  try {
    db->setBusyTimeout(0);
    journal_mode(*db, "DELETE");
  } catch (const SQLite::Exception&) {
    return;
  }
}

void Store::Impl::fail(const char* verb, const SQLite::Exception& error) const {
  throw RunError(fmt::format("cannot {} the store '{}' ({}){}", verb, path, error.what(),
                             error.getErrorCode() == SQLITE_FULL
                                 ? "; free some disk space and run the same command again"
                                 : ""));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::open_for_writing(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  const std::string target = target_of(path);
  require_writable(target, path, is_store(target));
  impl->lock = std::make_unique<LockFile>(target + ".lock", path);
  return impl->guarded("write", [&] {
    // Looked at again: another writer may have made it before the lock was ours.
    if (is_store(target)) {
      require_writable(target, path, true);
    } else {
      create_store(target);
    }
    impl->db = open_database(target, SQLite::OPEN_READWRITE, writer_patience_ms);
    set_durability(*impl->db, target);
    // 16 MiB: a transaction's pages stay in memory until it is committed.
    impl->db->exec("PRAGMA cache_size = -16384");
    add_missing_tables(*impl->db);
    impl->append.emplace(impl->handle());
    return Store(std::move(impl));
  });
}

Store Store::open_for_reading(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  const std::string target = target_of(path);
  if (!is_store(target)) throw RunError(fmt::format("there is no store at '{}'", path));
  return impl->guarded("read", [&] {
    impl->db = open_to_read(target);
    return Store(std::move(impl));
  });
}

const std::string& Store::path() const { return impl_->path; }

}  // namespace softbeam::record
