// Stores of campaigns that keep counts: every trial once, the same rows whatever the order.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <functional>
#include <memory>

#include "host/base/error.h"
#include "host/record/statement.h"
#include "tests/record/random_trials.h"

namespace softbeam::record {
namespace {

using fixtures::add_counted;
using fixtures::Folder;
using fixtures::RandomTrials;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr AggregateRule keep_all{.keep = 1'000'000};

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const RunError& error) {
    return error.what();
  }
  return "done";
}

using Counts = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

Counts counts_of(const Store& store, std::int64_t campaign) {
  Counts counts;
  for (const auto& [trials, count] : store.totals(campaign).counts) {
    counts.emplace_back(pack(trials), count);
  }
  return counts;
}

std::vector<std::uint64_t> kept_ids(const Store& store, std::int64_t campaign) {
  std::vector<std::uint64_t> ids;
  store.for_each(campaign, [&](const TrialRow& row, std::span<const CorruptionRow> corruptions) {
    ids.push_back(row.trial.value);
    EXPECT_FALSE(corruptions.empty());
  });
  return ids;
}

// All that a statement gives, as text.
std::string ask(const std::string& path, const std::string& sql) {
  sqlite3* raw = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &raw), SQLITE_OK);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> db(raw, sqlite3_close);
  std::string found;
  const auto collect = [](void* to, int columns, char** values, char**) {
    for (int i = 0; i < columns; ++i) {
      static_cast<std::string*>(to)->append(values[i] != nullptr ? values[i] : "-").append("|");
    }
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), collect, &found, nullptr), SQLITE_OK) << sql;
  return found;
}

TEST(Aggregate, CountsEveryTrialOnceAndNamesTheMissing) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const RandomTrials trials;
  const CampaignRow campaign = add_counted(store, keep_all);
  EXPECT_THAT(store.missing(campaign.id, 10), ElementsAre(TrialRange{0, 10}));
  // Across words and chunks of the bitmap, and up to their ends.
  for (const auto& [first, last] : std::vector<TrialRange>{
           {70, 128}, {3, 4}, {65500, 65700}, {0, 3}, {131071, 131072}, {128, 129}}) {
    trials.append_counts(store, campaign, first, last);
  }
  EXPECT_EQ(store.count(campaign.id), 58U + 1 + 200 + 3 + 1 + 1);
  EXPECT_THAT(store.missing(campaign.id, 200'000),
              ElementsAre(TrialRange{4, 70}, TrialRange{129, 65500}, TrialRange{65700, 131071},
                          TrialRange{131072, 200'000}));
  EXPECT_THAT(store.missing(campaign.id, 65536),
              ElementsAre(TrialRange{4, 70}, TrialRange{129, 65500}));
  EXPECT_THAT(store.missing(campaign.id, 50), ElementsAre(TrialRange{4, 50}));
  EXPECT_THAT(store.missing(campaign.id, 4), IsEmpty());
  EXPECT_TRUE(store.has(campaign.id, {65536}));
  EXPECT_FALSE(store.has(campaign.id, {4}));
  EXPECT_FALSE(store.has(campaign.id, {300'000}));
  EXPECT_FALSE(store.has(campaign.id, {~0ULL}));
}

TEST(Aggregate, AFullBitmapTakesNoRoomAndIsStillKnown) {
  const Folder folder;
  const std::string path = folder / "s.db";
  const RandomTrials trials;
  {
    Store store = Store::open_for_writing(path);
    const CampaignRow campaign = add_counted(store, {.keep = 3});
    trials.append_counts(store, campaign, 65536, 131072);
    trials.append_counts(store, campaign, 0, 30000);
    trials.append_counts(store, campaign, 30000, 65536);
    EXPECT_THAT(message_of([&] { trials.append_counts(store, campaign, 131000, 131100); }),
                HasSubstr("trial 131000 is counted"));
    EXPECT_THAT(store.missing(campaign.id, 131072), IsEmpty());
    EXPECT_EQ(store.count(campaign.id), 131072U);
  }
  EXPECT_EQ(ask(path, "SELECT first, length(trials) FROM counted"), "0|-|65536|-|");
}

TEST(Aggregate, WritesNothingOfAPartWithATrialThatIsThere) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const RandomTrials trials;
  const CampaignRow campaign = add_counted(store, keep_all);
  trials.append_counts(store, campaign, 0, 100);
  const Counts before = counts_of(store, campaign.id);
  const auto rows = kept_ids(store, campaign.id);
  EXPECT_THAT(message_of([&] { trials.append_counts(store, campaign, 99, 200); }),
              ::testing::AllOf(HasSubstr("trial 99 is counted"), HasSubstr("already")));
  EXPECT_EQ(counts_of(store, campaign.id), before);
  EXPECT_EQ(kept_ids(store, campaign.id), rows);
  EXPECT_EQ(store.count(campaign.id), 100U);
  trials.append_counts(store, campaign, 100, 200);  // the store goes on
  EXPECT_EQ(store.count(campaign.id), 200U);
}

TEST(Aggregate, IsTheSameWhateverTheOrderAndTheCuts) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  for (const std::uint64_t samples : {1, 7}) {
    const RandomTrials trials{.samples_per_fault = samples, .corruptions = 3};
    const AggregateRule rule{.keep = 40, .samples_per_fault = samples};
    const CampaignRow whole = add_counted(store, rule, fmt::format("whole {}", samples));
    trials.append_counts(store, whole, 0, 1000);
    const CampaignRow cut = add_counted(store, rule, fmt::format("cut {}", samples));
    for (std::uint64_t end = 1000; end > 0; end -= std::min<std::uint64_t>(end, 93)) {
      trials.append_counts(store, cut, end - std::min<std::uint64_t>(end, 93), end);
    }
    EXPECT_EQ(counts_of(store, cut.id), counts_of(store, whole.id));
    EXPECT_EQ(kept_ids(store, cut.id), kept_ids(store, whole.id));
    const Totals a = store.totals(whole.id);
    const Totals b = store.totals(cut.id);
    EXPECT_EQ(a.samples_met, b.samples_met);
    EXPECT_EQ(a.faults, b.faults);
    EXPECT_EQ(a.faults.empty(), samples == 1);
    EXPECT_EQ(a.open.empty(), samples == 1);  // 1000 is no multiple of 7
    EXPECT_EQ(b.open.size(), a.open.size());
  }
}

TEST(Aggregate, KeepsTheRowsWithTheLowestIds) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const RandomTrials trials;
  const CampaignRow all = add_counted(store, keep_all, "all");
  trials.append_counts(store, all, 0, 2000);
  std::vector<std::uint64_t> worth = kept_ids(store, all.id);
  ASSERT_GT(worth.size(), 500U);
  EXPECT_EQ(store.rows(all.id), worth.size());
  EXPECT_GT(store.keep_below(all.id), 1U << 20U);

  const CampaignRow some = add_counted(store, {.keep = 50}, "some");
  trials.append_counts(store, some, 1000, 2000);
  EXPECT_GT(store.keep_below(some.id), 1000U);
  trials.append_counts(store, some, 300, 1000);
  trials.append_counts(store, some, 0, 300);
  worth.resize(50);
  EXPECT_EQ(kept_ids(store, some.id), worth);
  EXPECT_EQ(store.keep_below(some.id), worth.back());
  EXPECT_EQ(store.count(some.id), 2000U);

  const CampaignRow none = add_counted(store, {.keep = 0}, "none");
  trials.append_counts(store, none, 0, 2000);
  EXPECT_THAT(kept_ids(store, none.id), IsEmpty());
  EXPECT_EQ(store.keep_below(none.id), 0U);
  EXPECT_EQ(counts_of(store, none.id), counts_of(store, all.id));
}

TEST(Aggregate, ForgetsTheCorruptionsOfRowsThatItDrops) {
  const Folder folder;
  const std::string path = folder / "s.db";
  {
    Store store = Store::open_for_writing(path);
    const RandomTrials trials{.samples_per_fault = 5, .corruptions = 3};
    const CampaignRow campaign = add_counted(store, {.keep = 20, .samples_per_fault = 5});
    trials.append_counts(store, campaign, 500, 1000);
    trials.append_counts(store, campaign, 0, 500);
  }
  EXPECT_EQ(
      ask(path, "SELECT count(*) FROM corruptions WHERE fault NOT IN (SELECT fault FROM trials)"),
      "0|");
  EXPECT_EQ(ask(path, "SELECT count(*) FROM trials"), "20|");
}

TEST(Aggregate, StandsBesideCampaignsOfRowsInOneStore) {
  const Folder folder;
  Store store = Store::open_for_writing(folder / "s.db");
  const RandomTrials trials;
  const std::int64_t rows = store.add(fixtures::campaign_row("rows"), fixtures::golden_rows());
  trials.append_rows(store, rows, 0, 50);
  const CampaignRow counted = add_counted(store, keep_all, "counted");
  trials.append_counts(store, counted, 0, 70);
  EXPECT_EQ(store.count(rows), 50U);
  EXPECT_EQ(store.count(counted.id), 70U);
  EXPECT_TRUE(store.has(rows, {49}));
  EXPECT_FALSE(store.has(rows, {50}));
  EXPECT_EQ(store.campaigns()[0].aggregate, std::nullopt);
  EXPECT_EQ(store.campaigns()[1].aggregate, keep_all);
  EXPECT_THAT(message_of([&] { store.append(rows, Tally(), {}); }),
              HasSubstr("keeps a row for every trial"));
  EXPECT_THAT(store.totals(rows).counts, IsEmpty());
}

TEST(Aggregate, RaisesTheVersionInTheFilesHeaderSoThatEarlierProgramsRefuse) {
  const Folder folder;
  const std::string path = folder / "s.db";
  Store store = Store::open_for_writing(path);
  const auto version_byte = [&] { return folder.contents().at("s.db").at(63); };
  store.add(fixtures::campaign_row("rows"), {});
  EXPECT_EQ(version_byte(), 1);
  EXPECT_EQ(ask(path, "SELECT count(*) FROM sqlite_master WHERE name = 'trial_counts'"), "0|");
  add_counted(store, keep_all, "counted");
  EXPECT_EQ(version_byte(), 2);  // in the file itself, while the writer is at work
  EXPECT_EQ(Store::open_for_reading(path).campaigns().size(), 2U);
}

TEST(Aggregate, HasColumnsAndAViewThatSayWhatAClassIs) {
  const Folder folder;
  const std::string path = folder / "s.db";
  {
    Store store = Store::open_for_writing(path);
    const CampaignRow campaign = add_counted(store, keep_all, "point");
    RandomTrials{.corruptions = 2}.append_counts(store, campaign, 0, 500);
    std::string expected;
    for (const auto& [trials, count] : store.totals(campaign.id).counts) {
      expected += fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|", trials.struck.site,
                              trials.struck.bit, static_cast<int>(trials.outcome),
                              trials.depth ? std::to_string(*trials.depth) : "-",
                              int{trials.activated}, int{trials.sdc_1}, int{trials.sdc_5},
                              int{trials.sdc_10}, int{trials.sdc_20}, int{trials.labelled},
                              int{trials.golden_right}, int{trials.faulty_right}, count);
    }
    EXPECT_EQ(ask(path,
                  "SELECT site, bit, outcome, depth, activated, sdc_1, sdc_5, sdc_10, sdc_20, "
                  "labelled, golden_right, faulty_right, trials FROM trial_counts ORDER BY class"),
              expected);
  }
  EXPECT_EQ(ask(path, "SELECT sum(trials) FROM count_view"), "500|");
  EXPECT_EQ(ask(path, "SELECT DISTINCT campaign_label, site, op FROM count_view ORDER BY site"),
            "point|conv1|conv2d|point|fc1|linear|point|several|several|");
  EXPECT_EQ(ask(path,
                "SELECT count(DISTINCT bit), max(bit), sum(outcome = 'masked') > 0 FROM "
                "count_view WHERE typeof(bit) = 'text'"),
            "3|word|1|");
}

TEST(Aggregate, NamesWhatIsDamaged) {
  for (const auto& [sql, why] : std::vector<std::pair<std::string, std::string>>{
           {"UPDATE trial_counts SET trials = trials + 1 WHERE class = (SELECT min(class) FROM "
            "trial_counts)",
            "counts of 101 trials and ids of 100"},
           {"UPDATE counted SET trials = x'00'", "1 bytes instead of 8192"},
           {"UPDATE trial_counts SET class = class | 7 WHERE class = (SELECT min(class) FROM "
            "trial_counts)",
            "unknown outcome 7"},
           {"INSERT INTO fault_sums VALUES (1, 5, 0, 0, 1, 1, 1, 1)", "no cell"}}) {
    const Folder folder;
    const std::string path = folder / "s.db";
    const RandomTrials trials;
    CampaignRow campaign;
    {
      Store store = Store::open_for_writing(path);
      campaign = add_counted(store, keep_all);
      trials.append_counts(store, campaign, 0, 100);
    }
    ask(path, sql);
    EXPECT_THAT(message_of([&] {
                  Store store = Store::open_for_writing(path);
                  store.totals(campaign.id);
                  trials.append_counts(store, campaign, 100, 101);
                }),
                ::testing::AllOf(HasSubstr("is damaged"), HasSubstr(why)))
        << sql;
  }
}

}  // namespace
}  // namespace softbeam::record
