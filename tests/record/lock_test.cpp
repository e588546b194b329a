// One writer at a time, whatever a killed one left behind.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/base/error.h"
#include "host/record/file_system.h"
#include "host/record/lock_file.h"
#include "host/record/store.h"
#include "tests/record/fixtures.h"

namespace softbeam::record {
namespace {

using fixtures::Folder;
using fixtures::write_file;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string refusal(const std::string& path) {
  try {
    Store::open_for_writing(path);
  } catch (const RunError& error) {
    return error.what();
  }
  return "opened";
}

TEST(Lock, RefusesASecondWriterAndNamesTheFirst) {
  const Folder folder;
  const Store first = Store::open_for_writing(folder / "s.db");
  EXPECT_THAT(refusal(folder / "s.db"), AllOf(HasSubstr("is being written"),
                                              HasSubstr("process " + std::to_string(getpid()))));
}

TEST(Lock, RefusesASecondWriterThroughALink) {
  const Folder folder;
  const Store first = Store::open_for_writing(folder / "s.db");
  std::filesystem::create_symlink(folder / "s.db", folder / "link.db");
  EXPECT_THAT(refusal(folder / "link.db"), HasSubstr("is being written"));
}

TEST(Lock, RefusesAWriterOfAnotherProcess) {
  const Folder folder;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const Store store = Store::open_for_writing(folder / "s.db");
    if (write(ready[1], "x", 1) == 1) pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal(folder / "s.db"), HasSubstr("process " + std::to_string(child)));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  // Its lock file is still there, its lock is not.
  EXPECT_TRUE(std::filesystem::exists(folder / "s.db.lock"));
  EXPECT_EQ(refusal(folder / "s.db"), "opened");
  EXPECT_FALSE(std::filesystem::exists(folder / "s.db.lock"));
  close(ready[0]);
  close(ready[1]);
}

TEST(Lock, IsGivenBackByAWriterThatIsDone) {
  const Folder folder;
  { const Store first = Store::open_for_writing(folder / "s.db"); }
  EXPECT_FALSE(std::filesystem::exists(folder / "s.db.lock"));
  EXPECT_EQ(refusal(folder / "s.db"), "opened");
}

TEST(Lock, DoesNotMindAFileThatNobodyHolds) {
  const Folder folder;
  write_file(folder / "s.db.lock", "process 1 on elsewhere\n");
  EXPECT_EQ(refusal(folder / "s.db"), "opened");
}

TEST(Lock, RefusesAFileOfAnotherProgram) {
  const Folder folder;
  for (const char* text : {"precious", "\n", "proc"}) {
    write_file(folder / "s.db.lock", text);
    EXPECT_THAT(refusal(folder / "s.db"),
                AllOf(HasSubstr("s.db.lock' is not a lock file"), HasSubstr("move it away")));
    EXPECT_EQ(folder.contents(), (std::map<std::string, std::string>{{"s.db.lock", text}}));
  }
  write_file(folder / "s.db.lock", "");
  EXPECT_EQ(refusal(folder / "s.db"), "opened");
}

TEST(Lock, RefusesAStoreWithTwoNames) {
  const Folder folder;
  EXPECT_EQ(refusal(folder / "s.db"), "opened");
  std::filesystem::create_hard_link(folder / "s.db", folder / "other.db");
  for (const char* name : {"s.db", "other.db"}) {
    EXPECT_THAT(refusal(folder / name),
                AllOf(HasSubstr("hard link"), HasSubstr("two names would be two locks")));
  }
  EXPECT_EQ(folder.contents().size(), 2U);
  EXPECT_TRUE(Store::open_for_reading(folder / "other.db").campaigns().empty());
  std::filesystem::remove(folder / "other.db");
  EXPECT_EQ(refusal(folder / "s.db"), "opened");
}

TEST(Lock, DoesNotFollowALink) {
  const Folder folder;
  write_file(folder / "precious", "text");
  std::filesystem::create_symlink(folder / "precious", folder / "s.db.lock");
  EXPECT_THAT(refusal(folder / "s.db"), HasSubstr("cannot make the lock file"));
  EXPECT_EQ(folder.contents().at("precious"), "text");
}

// Removing the file of a lock that is being taken must never let two in.
TEST(Lock, LetsNeverTwoInAtATime) {
  const Folder folder;
  write_file(folder / "inside", "");
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    int entered = 0;
    while (entered < 300) {
      try {
        const LockFile lock(folder / "lock", "s");
        ++entered;
        if (mkdir((folder / "busy").c_str(), 0700) != 0) _exit(1);
        if (rmdir((folder / "busy").c_str()) != 0) _exit(2);
      } catch (const RunError&) {
        usleep(10);
      }
    }
    _exit(0);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

TEST(FileSystem, KnowsThoseThatMachinesShare) {
  EXPECT_TRUE(is_network_file_system(0x6969));       // NFS
  EXPECT_TRUE(is_network_file_system(0xFF534D42));   // CIFS
  EXPECT_TRUE(is_network_file_system(0xFE534D42));   // SMB2
  EXPECT_TRUE(is_network_file_system(0x0BD00BD0));   // Lustre
  EXPECT_FALSE(is_network_file_system(0xEF53));      // ext4
  EXPECT_FALSE(is_network_file_system(0x58465342));  // XFS
  EXPECT_FALSE(is_network_file_system(0x01021994));  // tmpfs
  EXPECT_FALSE(is_network_file_system(0x794C7630));  // overlayfs
}

}  // namespace
}  // namespace softbeam::record
