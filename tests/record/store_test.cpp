// What is written comes back, in order, once.
#include "host/record/store.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <cmath>
#include <limits>
#include <memory>

#include "host/base/error.h"
#include "tests/record/fixtures.h"

namespace softbeam::record {
namespace {

using fixtures::append_range;
using fixtures::campaign_row;
using fixtures::corruption_row;
using fixtures::Folder;
using fixtures::golden_rows;
using fixtures::trial_row;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::uint64_t> trial_ids(const Store& store, std::int64_t campaign,
                                     Order order = Order::trial) {
  std::vector<std::uint64_t> ids;
  store.for_each(
      campaign, [&](const TrialRow& row, auto) { ids.push_back(row.trial.value); }, order);
  return ids;
}

TEST(Store, GivesBackACampaignAsItWasAdded) {
  const Folder folder;
  const CampaignRow row = campaign_row("faults.bits=30");
  {
    Store store = Store::open_for_writing(folder / "s.db");
    EXPECT_EQ(store.add(row, golden_rows()), 1);
  }
  const Store store = Store::open_for_reading(folder / "s.db");
  const std::optional<CampaignRow> back = store.find("faults.bits=30");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, 1);
  EXPECT_EQ(back->config, row.config);
  EXPECT_EQ(back->planned, row.planned);
  EXPECT_EQ(back->confidence, row.confidence);
  EXPECT_EQ(back->clustered, row.clustered);
  EXPECT_EQ(back->samples, row.samples);
  EXPECT_EQ(back->frame, row.frame);
  EXPECT_EQ(back->started, row.started);
  EXPECT_EQ(back->versions, row.versions);
  EXPECT_EQ(back->fingerprint, row.fingerprint);
  ASSERT_EQ(back->sites.size(), 2U);
  EXPECT_EQ(back->sites[1].site.id.value, 7U);
  EXPECT_EQ(back->sites[1].site.name, "fc1");
  EXPECT_EQ(back->sites[1].site.op, "linear");
  EXPECT_EQ(back->sites[1].site.kind, execute::SiteKind::output);
  EXPECT_EQ(back->sites[1].site.dtype, injectors::DType::float32);
  EXPECT_EQ(back->sites[1].site.shape, row.sites[1].site.shape);
  EXPECT_EQ(back->sites[1].site.macs, 12345U);
  EXPECT_EQ(back->sites[1].element_share, 0.25);
  EXPECT_FALSE(store.find("other"));
}

TEST(Store, KeepsTheLastNotesOfEachCampaign) {
  const Folder folder;
  const Notes first{{"mode", "wave"}, {"switched_off", "a"}, {"switched_off", "b"}};
  const Notes last{{"mode", "plain"}};
  {
    Store store = Store::open_for_writing(folder / "s.db");
    store.add(campaign_row("a"), {});
    store.add(campaign_row("b"), {});
    EXPECT_THAT(store.notes(1), IsEmpty());
    store.set_notes(1, last);
    store.set_notes(1, first);
    store.set_notes(2, first);
    store.set_notes(2, last);
  }
  const Store store = Store::open_for_reading(folder / "s.db");
  EXPECT_EQ(store.notes(1), first);
  EXPECT_EQ(store.notes(2), last);
  EXPECT_THAT(store.notes(3), IsEmpty());
}

TEST(Store, OfAnEarlierProgramIsReadAndTakesNotesWhenItIsWritten) {
  const Folder folder;
  const std::string path = folder / "s.db";
  Store::open_for_writing(path).add(campaign_row(), {});
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "DROP TABLE campaign_notes", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  EXPECT_THAT(Store::open_for_reading(path).notes(1), IsEmpty());
  const Notes notes{{"mode", "wave"}};
  Store::open_for_writing(path).set_notes(1, notes);
  EXPECT_EQ(Store::open_for_reading(path).notes(1), notes);
}

TEST(Store, GivesBackGoldenRowsWithTheirGaps) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  std::vector<GoldenRow> golden = golden_rows(2);
  golden[1] = {.sample = {9}, .label = {}, .top1 = {}, .confidence = {}};
  const std::int64_t id = store.add(campaign_row(), golden);
  const std::vector<GoldenRow> back = store.golden(id);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].label, 0);
  EXPECT_EQ(back[0].top1, 0);
  EXPECT_EQ(back[0].confidence, 0.5);
  EXPECT_EQ(back[1].sample.value, 9U);
  EXPECT_FALSE(back[1].label || back[1].top1 || back[1].confidence);
}

TEST(Store, GivesBackEveryFieldOfATrial) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const std::int64_t id = store.add(campaign_row(), {});
  TrialRow full = trial_row(5, 2, compare::Outcome::sdc_critical);
  full.depth = 11;
  full.verdict.top1 = 4;
  full.verdict.sdc_1 = true;
  full.verdict.sdc_5 = false;
  full.verdict.sdc_10 = true;
  full.verdict.max_abs = std::numeric_limits<double>::infinity();
  full.verdict.max_rel = std::numeric_limits<double>::quiet_NaN();
  CorruptionRow wide = corruption_row(2, 0, 7, 0);
  wide.corruption.operation = injectors::Operation::random_value;
  wide.corruption.masks = {.keep = 0, .flip = 0xfedcba9876543210};
  store.append(id, std::vector{full}, std::vector{wide});
  int visits = 0;
  const auto check = [&](const TrialRow& row, std::span<const CorruptionRow> corruptions) {
    ++visits;
    EXPECT_EQ(row.trial.value, 5U);
    EXPECT_EQ(row.fault.value, 2U);
    EXPECT_TRUE(row.activated);
    EXPECT_EQ(row.depth, 11U);
    EXPECT_EQ(row.verdict.outcome, compare::Outcome::sdc_critical);
    EXPECT_EQ(row.verdict.top1, 4);
    EXPECT_EQ(row.verdict.sdc_1, true);
    EXPECT_EQ(row.verdict.sdc_5, false);
    EXPECT_EQ(row.verdict.sdc_10, true);
    EXPECT_FALSE(row.verdict.sdc_20);
    EXPECT_EQ(row.verdict.max_abs, full.verdict.max_abs);
    EXPECT_TRUE(std::isnan(row.verdict.max_rel));
    ASSERT_EQ(corruptions.size(), 1U);
    EXPECT_EQ(corruptions[0].corruption, wide.corruption);
  };
  store.for_each(id, check);
  EXPECT_TRUE(store.visit_one(id, {5}, check));
  EXPECT_FALSE(store.visit_one(id, {4}, check));
  EXPECT_FALSE(store.visit_one(id, {~0ULL}, check));
  EXPECT_EQ(visits, 2);
}

TEST(Store, NamesTheMissingTrials) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const std::int64_t other = store.add(campaign_row("other"), {});
  const std::int64_t id = store.add(campaign_row("this"), {});
  append_range(store, other, 0, 100);
  EXPECT_THAT(store.missing(id, 10), ElementsAre(TrialRange{0, 10}));
  append_range(store, id, 2, 4);
  append_range(store, id, 7, 30);
  EXPECT_THAT(store.missing(id, 10), ElementsAre(TrialRange{0, 2}, TrialRange{4, 7}));
  EXPECT_THAT(store.missing(id, 5), ElementsAre(TrialRange{0, 2}, TrialRange{4, 5}));
  EXPECT_THAT(store.missing(id, 40),
              ElementsAre(TrialRange{0, 2}, TrialRange{4, 7}, TrialRange{30, 40}));
  EXPECT_THAT(store.missing(id, 0), IsEmpty());
  EXPECT_EQ(store.count(id), 25U);
  EXPECT_THAT(store.missing(other, 100), IsEmpty());
}

TEST(Store, JoinsManyTrialsOfAFaultWithItsCorruptions) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const std::int64_t id = store.add(campaign_row(), {});
  // Fault f has f % 4 corruptions and three trials; the chunks share faults.
  for (std::uint64_t begin = 0; begin < 600; begin += 50) {
    std::vector<TrialRow> trials;
    std::vector<CorruptionRow> corruptions;
    for (std::uint64_t i = begin; i < begin + 50; ++i) {
      trials.push_back(trial_row(i, i / 3));
      trials.back().activated = (i / 3) % 4 > 0;
      for (std::uint32_t k = 0; k < (i / 3) % 4; ++k) {
        corruptions.push_back(corruption_row(i / 3, k, 3, static_cast<int>(k)));
      }
    }
    store.append(id, trials, corruptions);
  }
  std::uint64_t expected = 0;
  store.for_each(id, [&](const TrialRow& row, std::span<const CorruptionRow> corruptions) {
    EXPECT_EQ(row.trial.value, expected++);
    ASSERT_EQ(corruptions.size(), row.fault.value % 4);
    for (std::uint32_t k = 0; k < corruptions.size(); ++k) {
      EXPECT_EQ(corruptions[k].fault, row.fault);
      EXPECT_EQ(corruptions[k].position, k);
      EXPECT_EQ(corruptions[k].corruption.element, row.fault.value * 3 + k);
    }
  });
  EXPECT_EQ(expected, 600U);
}

TEST(Store, NamesWhatIsDamaged) {
  const Folder folder;
  for (const auto& [sql, why] : std::vector<std::pair<const char*, const char*>>{
           {"UPDATE trials SET outcome = 99 WHERE trial = 4", "trial 4 has the unknown outcome 99"},
           {"DELETE FROM corruptions WHERE fault = 5",
            "trial 5 was activated, and its fault 5 has no corruptions"},
           {"UPDATE corruptions SET operation = 77 WHERE fault = 6",
            "fault 6 has the unknown operation 77"}}) {
    const std::string path = folder / "s.db";
    {
      Store store = Store::open_for_writing(path);
      append_range(store, store.add(campaign_row(), {}), 0, 10);
    }
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(raw, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    ASSERT_EQ(sqlite3_close(raw), SQLITE_OK);
    const Store store = Store::open_for_reading(path);
    try {
      trial_ids(store, 1);
      ADD_FAILURE() << "read: " << sql;
    } catch (const RunError& error) {
      EXPECT_THAT(error.what(),
                  ::testing::AllOf(HasSubstr("'" + path + "' is damaged"), HasSubstr(why)));
    }
    std::filesystem::remove(path);
  }
}

TEST(Store, JoinsFaultsThatDoNotAscendWithTrials) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const std::int64_t id = store.add(campaign_row(), {});
  std::vector<TrialRow> trials;
  std::vector<CorruptionRow> corruptions;
  for (std::uint64_t i = 0; i < 500; ++i) {
    trials.push_back(trial_row(i, (i * 271) % 500));
    corruptions.push_back(corruption_row(i, 0, 3, 0));
  }
  store.append(id, trials, corruptions);
  store.for_each(id, [&](const TrialRow& row, std::span<const CorruptionRow> found) {
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].fault, row.fault);
  });
  std::uint64_t fault = 0;
  store.for_each(
      id, [&](const TrialRow& row, auto) { EXPECT_EQ(row.fault.value, fault++); }, Order::fault);
  EXPECT_EQ(fault, 500U);
}

TEST(Store, LeavesAChunkOutWhollyIfOneTrialIsThereAlready) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const std::int64_t id = store.add(campaign_row(), {});
  append_range(store, id, 0, 10);
  try {
    append_range(store, id, 9, 60);
    FAIL() << "a trial was stored twice";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("9..59"));
  }
  EXPECT_EQ(store.count(id), 10U);
  append_range(store, id, 10, 60);
  EXPECT_EQ(trial_ids(store, id).size(), 60U);
}

TEST(Store, RaisesTheNumberOfPlannedTrialsAndNeverLowersIt) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const std::int64_t id = store.add(campaign_row(), {});
  store.grow(id, 5000);
  store.grow(id, 10);
  EXPECT_EQ(store.campaigns().front().planned, 5000U);
}

TEST(Store, RefusesALabelTwiceAndATrialBeyondItsRange) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const std::int64_t id = store.add(campaign_row("a"), {});
  EXPECT_THROW(store.add(campaign_row("a"), {}), RunError);
  EXPECT_THROW(store.append(id, std::vector{trial_row(1ULL << 40, 0)}, {}), RunError);
  EXPECT_THROW(store.append(id, std::vector{trial_row(0, 1ULL << 63)}, {}), RunError);
  append_range(store, id, 0, 20);
  EXPECT_EQ(store.count(id), 20U);
}

TEST(Store, IsReadWhileItIsWritten) {
  const Folder folder;
  Store writer = Store::open_for_writing(folder / "s.db");
  const std::int64_t id = writer.add(campaign_row(), {});
  append_range(writer, id, 0, 100);
  const Store reader = Store::open_for_reading(folder / "s.db");
  EXPECT_EQ(reader.count(id), 100U);
  append_range(writer, id, 100, 200);
  EXPECT_EQ(reader.count(id), 200U);
}

TEST(Store, IsOneFileWhenItsWriterIsDone) {
  const Folder folder;
  {
    Store store = Store::open_for_writing(folder / "s.db");
    append_range(store, store.add(campaign_row(), {}), 0, 100);
  }
  EXPECT_THAT(folder.contents(), ::testing::SizeIs(1));
}

// The names of a view's columns and its number of rows, by SQLite alone.
TEST(Store, HasAViewWithEveryNameJoined) {
  const Folder folder;
  {
    Store store = Store::open_for_writing(folder / "s.db");
    const std::int64_t id = store.add(campaign_row("point"), golden_rows());
    append_range(store, id, 0, 40);
  }
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "s.db").c_str(), &raw), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> db(raw, sqlite3_close);
  std::string found;
  const auto collect = [](void* to, int columns, char** values, char**) {
    for (int i = 0; i < columns; ++i) {
      static_cast<std::string*>(to)->append(values[i] != nullptr ? values[i] : "-").append("|");
    }
    return 0;
  };
  ASSERT_EQ(sqlite3_exec(raw,
                         "SELECT count(*) FROM trial_view; SELECT campaign, campaign_label, trial, "
                         "fault, site, op, dtype, element, operation, keep, flip, outcome, label, "
                         "golden_top1 FROM trial_view WHERE trial = 33; PRAGMA application_id; "
                         "PRAGMA user_version",
                         collect, &found, nullptr),
            SQLITE_OK);
  EXPECT_EQ(found,
            "40|1|point|33|33|conv1|conv2d|float32|99|bitflip|0xffffffff|0x2|masked|3|4|"
            "1396852045|1|");
}

}  // namespace
}  // namespace softbeam::record
