// Files that are not ours stay as they are, byte by byte, and nothing appears beside them.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "host/base/error.h"
#include "host/record/store.h"
#include "tests/record/fixtures.h"

namespace softbeam::record {
namespace {

using fixtures::campaign_row;
using fixtures::Folder;
using fixtures::write_file;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string message_of(const std::function<void()>& open) {
  try {
    open();
  } catch (const RunError& error) {
    return error.what();
  }
  return "opened";
}

// Tries both ways to open `path`; neither may change anything in the folder.
void expect_refused(const Folder& folder, const std::string& path, const std::string& why) {
  const auto before = folder.contents();
  EXPECT_THAT(message_of([&] { Store::open_for_writing(path); }), HasSubstr(why));
  EXPECT_EQ(folder.contents(), before);
  EXPECT_THAT(message_of([&] { Store::open_for_reading(path); }), HasSubstr(why));
  EXPECT_EQ(folder.contents(), before);
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  ASSERT_EQ(sqlite3_close(db), SQLITE_OK);
}

TEST(Refusal, LeavesATextFileUntouched) {
  const Folder folder;
  write_file(folder / "notes.txt", std::string(5000, 'x'));
  expect_refused(folder, folder / "notes.txt", "not an SQLite database");
  write_file(folder / "short.txt", "hello");
  expect_refused(folder, folder / "short.txt", "not an SQLite database");
}

TEST(Refusal, LeavesAnEmptyFileUntouched) {
  const Folder folder;
  write_file(folder / "empty.db", "");
  expect_refused(folder, folder / "empty.db", "the file is empty");
}

TEST(Refusal, LeavesADatabaseOfAnotherApplicationUntouched) {
  const Folder folder;
  run_sql(folder / "other.db",
          "PRAGMA application_id = 7; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
  expect_refused(folder, folder / "other.db", "another application, id 0x00000007");
  run_sql(folder / "wal.db", "PRAGMA journal_mode = WAL; CREATE TABLE t(x)");
  expect_refused(folder, folder / "wal.db", "another application");
}

TEST(Refusal, LeavesANewerStoreUntouched) {
  const Folder folder;
  { Store::open_for_writing(folder / "s.db"); }
  run_sql(folder / "s.db", "PRAGMA user_version = 3");
  expect_refused(folder, folder / "s.db", "newer softbeam (schema 3, this program knows 2)");
}

TEST(Refusal, LeavesADamagedStoreUntouched) {
  const Folder folder;
  { Store::open_for_writing(folder / "s.db"); }
  std::string bytes = folder.contents().at("s.db");
  bytes.resize(4096);
  write_file(folder / "s.db", bytes);
  expect_refused(folder, folder / "s.db", "store '" + (folder / "s.db") + "' (");
}

TEST(Refusal, NamesWhatIsNotAFile) {
  const Folder folder;
  std::filesystem::create_directory(folder / "sub");
  expect_refused(folder, folder / "sub", "it is a folder");
  std::filesystem::create_symlink(folder / "nowhere", folder / "link.db");
  expect_refused(folder, folder / "link.db", "a symbolic link to nothing");
  std::filesystem::remove(folder / "link.db");
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(message_of([&] { Store::open_for_writing(folder / "fifo"); }),
              HasSubstr("not a regular file"));
}

TEST(Refusal, NamesAMissingFolderAndAMissingStore) {
  const Folder folder;
  EXPECT_THAT(message_of([&] { Store::open_for_writing(folder / "no/s.db"); }),
              AllOf(HasSubstr("there is no folder"), HasSubstr("no/s.db")));
  EXPECT_THAT(message_of([&] { Store::open_for_reading(folder / "s.db"); }),
              HasSubstr("there is no store"));
  EXPECT_TRUE(folder.contents().empty());
}

// Runs `body` in a child without root's rights, who may write anywhere; returns what it wrote.
std::string as_nobody(const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(3);
    const std::string said = body();
    _exit(write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 4);
  }
  close(ends[1]);
  std::string said;
  char byte = 0;
  while (read(ends[0], &byte, 1) == 1) said += byte;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return said;
}

TEST(Refusal, LeavesAFolderThatIsNotWritableUntouched) {
  const Folder folder;
  {
    Store store = Store::open_for_writing(folder / "s.db");
    fixtures::append_range(store, store.add(campaign_row(), {}), 0, 10);
  }
  using std::filesystem::perms;
  std::filesystem::permissions(folder.path(), perms(0555));
  const auto before = folder.contents();
  EXPECT_THAT(
      as_nobody([&] { return message_of([&] { Store::open_for_writing(folder / "new.db"); }); }),
      HasSubstr("is not writable"));
  EXPECT_THAT(
      as_nobody([&] { return message_of([&] { Store::open_for_writing(folder / "s.db"); }); }),
      HasSubstr("is not writable"));
  EXPECT_EQ(folder.contents(), before);
  // Reading needs no more than the file.
  EXPECT_EQ(
      as_nobody([&] { return std::to_string(Store::open_for_reading(folder / "s.db").count(1)); }),
      "10");
  std::filesystem::permissions(folder.path(), perms(0755));
}

TEST(Refusal, LeavesAFileThatIsNotWritableUntouched) {
  const Folder folder;
  { Store::open_for_writing(folder / "s.db"); }
  std::filesystem::permissions(folder / "s.db", std::filesystem::perms(0444));
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0777));
  EXPECT_THAT(
      as_nobody([&] { return message_of([&] { Store::open_for_writing(folder / "s.db"); }); }),
      HasSubstr("the file is not writable"));
  EXPECT_EQ(folder.contents().size(), 1U);
}

}  // namespace
}  // namespace softbeam::record
