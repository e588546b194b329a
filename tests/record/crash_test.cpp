// A writer that is killed at any moment loses nothing that it had committed.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <random>
#include <thread>

#include "host/record/store.h"
#include "tests/record/fixtures.h"

namespace softbeam::record {
namespace {

using fixtures::append_range;
using fixtures::campaign_row;
using fixtures::Folder;

constexpr std::uint64_t chunk = 500;

// Opens the store and adds chunks for ever; says after each commit where it got to.
[[noreturn]] void write_for_ever(const std::string& path, int report) {
  try {
    Store store = Store::open_for_writing(path);
    const std::optional<CampaignRow> found = store.find("");
    const std::int64_t id = found ? found->id : store.add(campaign_row(), {});
    for (std::uint64_t next = store.count(id);; next += chunk) {
      append_range(store, id, next, next + chunk);
      const std::uint64_t committed = next + chunk;
      if (write(report, &committed, sizeof committed) != sizeof committed) _exit(1);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    _exit(2);
  }
}

TEST(Crash, LosesNoTrialAndHasNoneTwiceWhereverItIsKilled) {
  const std::uint64_t seed = 20260102;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const Folder folder;
  const std::string path = folder / "s.db";
  std::uint64_t reported = 0;
  for (int round = 0; round < 40; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      write_for_ever(path, ends[1]);
    }
    close(ends[1]);
    // Early rounds die while the store is being made, later ones while rows are written.
    std::uint64_t committed = 0;
    if (round >= 15 && read(ends[0], &committed, sizeof committed) == sizeof committed) {
      reported = committed;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % (round < 15 ? 8000 : 20000)));
    kill(child, SIGKILL);
    while (read(ends[0], &committed, sizeof committed) == sizeof committed) reported = committed;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
    if (!std::filesystem::exists(path)) continue;

    const Store store = Store::open_for_reading(path);
    if (!store.find("")) continue;
    const std::uint64_t count = store.count(1);
    ASSERT_EQ(count % chunk, 0U);
    ASSERT_GE(count, reported);
    ASSERT_LE(count, reported + chunk);
    ASSERT_TRUE(store.missing(1, count).empty());
    std::uint64_t next = 0;
    store.for_each(1, [&](const TrialRow& row, std::span<const CorruptionRow> corruptions) {
      ASSERT_EQ(row.trial.value, next++);
      ASSERT_EQ(corruptions.size(), 1U);
      ASSERT_EQ(corruptions[0].fault.value, row.trial.value);
    });
    ASSERT_EQ(next, count);
    reported = count;  // the next writer starts here, whether this one came to report it or not
  }
  EXPECT_GT(reported, 0U);
}

TEST(Crash, GoesOnAfterADeathInTheMiddleOfMakingTheStore) {
  const Folder folder;
  // What such a death leaves: a half-written draft and its journal, and the lock file.
  fixtures::write_file(folder / "s.db.softbeam-new", std::string(4096, '\1'));
  fixtures::write_file(folder / "s.db.softbeam-new-journal", "journal");
  fixtures::write_file(folder / "s.db.lock", "process 1 on here\n");
  {
    Store store = Store::open_for_writing(folder / "s.db");
    append_range(store, store.add(campaign_row(), {}), 0, 10);
  }
  EXPECT_EQ(Store::open_for_reading(folder / "s.db").count(1), 10U);
  EXPECT_EQ(folder.contents().size(), 1U);
}

}  // namespace
}  // namespace softbeam::record
