// A writer that is killed at any moment loses nothing that it had committed.
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

#include "host/base/error.h"
#include "host/record/statement.h"
#include "host/record/store.h"
#include "tests/record/fixtures.h"
#include "tests/record/random_trials.h"

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

[[noreturn]] void count_for_ever(const std::string& path, int report) {
  try {
    const fixtures::RandomTrials trials{.samples_per_fault = 7};
    Store store = Store::open_for_writing(path);
    const std::optional<CampaignRow> found = store.find("");
    const CampaignRow campaign =
        found ? *found : fixtures::add_counted(store, {.keep = 300, .samples_per_fault = 7});
    for (std::uint64_t next = store.count(campaign.id);; next += chunk) {
      trials.append_counts(store, campaign, next, next + chunk);
      const std::uint64_t committed = next + chunk;
      if (write(report, &committed, sizeof committed) != sizeof committed) _exit(1);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    _exit(2);
  }
}

TEST(Crash, OfACountingWriterLosesNoTrialAndCountsNoneTwice) {
  const std::uint64_t seed = 20260211;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const Folder folder;
  std::uint64_t count = 0;
  for (int round = 0; round < 25; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      count_for_ever(folder / "killed.db", ends[1]);
    }
    close(ends[1]);
    std::uint64_t committed = 0;
    if (round >= 8 && read(ends[0], &committed, sizeof committed) == sizeof committed) {
      count = committed;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
    kill(child, SIGKILL);
    while (read(ends[0], &committed, sizeof committed) == sizeof committed) count = committed;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
    if (!std::filesystem::exists(folder / "killed.db")) continue;
    const Store store = Store::open_for_reading(folder / "killed.db");
    if (!store.find("")) continue;
    ASSERT_GE(store.count(1), count);
    ASSERT_LE(store.count(1), count + chunk);
    ASSERT_THAT(store.missing(1, store.count(1)), ::testing::IsEmpty());
    count = store.count(1);
  }
  ASSERT_GT(count, 8 * chunk);

  // The same trials, counted by nobody who was killed.
  Store whole = Store::open_for_writing(folder / "whole.db");
  const CampaignRow campaign = fixtures::add_counted(whole, {.keep = 300, .samples_per_fault = 7});
  fixtures::RandomTrials{.samples_per_fault = 7}.append_counts(whole, campaign, 0, count);
  const Totals expected = whole.totals(1);
  const Totals found = Store::open_for_reading(folder / "killed.db").totals(1);
  EXPECT_TRUE(found.counts == expected.counts);
  EXPECT_TRUE(found.faults == expected.faults);
  EXPECT_EQ(found.open.size(), expected.open.size());
  EXPECT_EQ(found.samples_met, expected.samples_met);
  EXPECT_EQ(Store::open_for_reading(folder / "killed.db").rows(1), 300U);
}

// SQLite replays any log that has the name of the file it opens.
TEST(Crash, LeavesNothingToAStoreThatIsMadeAnew) {
  const Folder folder;
  const std::string path = folder / "s.db";
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) write_for_ever(path, ends[1]);
  std::uint64_t committed = 0;
  ASSERT_EQ(read(ends[0], &committed, sizeof committed), ssize_t{sizeof committed});
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  fixtures::write_file(path + "-journal", "journal");
  ASSERT_TRUE(std::filesystem::exists(path + "-wal"));
  ASSERT_TRUE(std::filesystem::remove(path));
  {
    Store store = Store::open_for_writing(path);
    EXPECT_TRUE(store.campaigns().empty());
    append_range(store, store.add(campaign_row("new"), {}), 0, 10);
  }
  const Store store = Store::open_for_reading(path);
  ASSERT_EQ(store.campaigns().size(), 1U);
  EXPECT_EQ(store.campaigns().front().label, "new");
  EXPECT_EQ(store.count(1), 10U);
  EXPECT_EQ(folder.contents().size(), 1U);
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> db(raw, sqlite3_close);
  Statement check(raw, "PRAGMA integrity_check");
  ASSERT_TRUE(check.step());
  EXPECT_EQ(check.text(0), "ok");
}

TEST(Crash, NamesWhatIsInTheWayOfANewStore) {
  const Folder folder;
  std::filesystem::create_directory(folder / "s.db-wal");
  try {
    Store::open_for_writing(folder / "s.db");
    FAIL() << "a store was made beside a folder named like its log";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("s.db-wal"));
  }
  EXPECT_EQ(folder.contents().size(), 1U);
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
