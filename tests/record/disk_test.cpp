// A disk that fills up: what was committed stays, and the message says how to go on.
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

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

// The message of a writer on a disk of one mebibyte, and how many trials it had stored; needs the
// right to mount, in a mount namespace of the child's own.
std::string fill_a_small_disk(const std::string& where) {
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", where.c_str(), "tmpfs", 0, "size=1m") != 0) {
    return "";
  }
  std::string message = "the disk did not fill up";
  std::uint64_t stored = 0;
  try {
    Store store = Store::open_for_writing(where + "/s.db");
    const std::int64_t id = store.add(campaign_row(), {});
    for (;; stored += 1000) append_range(store, id, stored, stored + 1000);
  } catch (const RunError& error) {
    message = error.what();
  }
  const Store store = Store::open_for_reading(where + "/s.db");
  return message + (store.count(1) == stored && store.missing(1, stored).empty() ? "" : " LOST") +
         " stored=" + std::to_string(stored);
}

TEST(Disk, ThatIsFullLosesNothingAndSaysHowToGoOn) {
  const Folder folder;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const std::string said = fill_a_small_disk(folder.path());
    _exit(write(ends[1], said.data(), said.size()) >= 0 ? 0 : 1);
  }
  close(ends[1]);
  std::string said;
  char byte = 0;
  while (read(ends[0], &byte, 1) == 1) said += byte;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  if (said.empty()) GTEST_SKIP() << "needs the right to mount a small tmpfs";
  EXPECT_THAT(said, AllOf(HasSubstr("cannot write the store"), HasSubstr("full"),
                          HasSubstr("trials of the campaign are stored"),
                          HasSubstr("free some disk space"), HasSubstr("run the same command")));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("LOST")));
}

}  // namespace
}  // namespace softbeam::record
