// A disk that fills up: what was committed stays, and the message says how to go on.
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "host/base/error.h"
#include "host/record/store.h"
#include "tests/record/fixtures.h"

namespace softbeam::record {
namespace {

using fixtures::append_range;
using fixtures::campaign_row;
using fixtures::Folder;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Runs `body` in a child that sees a small disk at `where`; returns what it says, "" without the
// right to mount one (in a mount namespace of the child's own).
std::string on_a_small_disk(const std::string& where, const std::string& size,
                            const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("tmpfs", where.c_str(), "tmpfs", 0, ("size=" + size).c_str()) != 0) {
      _exit(0);
    }
    const std::string said = body();
    _exit(write(ends[1], said.data(), said.size()) >= 0 ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  char byte = 0;
  while (read(ends[0], &byte, 1) == 1) said += byte;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return said;
}

// The message of a writer that fills the disk, and how many trials it had stored.
std::string fill_the_disk(const std::string& path) {
  std::string message = "the disk did not fill up";
  std::uint64_t stored = 0;
  try {
    Store store = Store::open_for_writing(path);
    const std::int64_t id = store.add(campaign_row(), {});
    for (;; stored += 1000) append_range(store, id, stored, stored + 1000);
  } catch (const RunError& error) {
    message = error.what();
  }
  const Store store = Store::open_for_reading(path);
  return message + (store.count(1) == stored && store.missing(1, stored).empty() ? "" : " LOST") +
         " stored=" + std::to_string(stored);
}

TEST(Disk, ThatIsFullLosesNothingAndSaysHowToGoOn) {
  const Folder folder;
  const std::string said =
      on_a_small_disk(folder.path(), "1m", [&] { return fill_the_disk(folder / "s.db"); });
  if (said.empty()) GTEST_SKIP() << "needs the right to mount a small tmpfs";
  EXPECT_THAT(said, AllOf(HasSubstr("cannot write the store"), HasSubstr("full"),
                          HasSubstr("trials of the campaign are stored"),
                          HasSubstr("free some disk space"), HasSubstr("run the same command")));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("LOST")));
}

TEST(Disk, ThatIsFullLeavesNoHalfMadeStore) {
  const Folder folder;
  const std::string said = on_a_small_disk(folder.path(), "24k", [&]() -> std::string {
    try {
      Store::open_for_writing(folder / "s.db");
    } catch (const RunError& error) {
      return error.what() + std::string(" left=") + std::to_string(folder.contents().size());
    }
    return "the store was made";
  });
  if (said.empty()) GTEST_SKIP() << "needs the right to mount a small tmpfs";
  EXPECT_THAT(said, AllOf(HasSubstr("cannot make the store"), HasSubstr("full"),
                          HasSubstr("free some disk space and run the same command again"),
                          HasSubstr("left=0")));
}

}  // namespace
}  // namespace softbeam::record
