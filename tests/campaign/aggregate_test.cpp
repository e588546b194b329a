// campaign.record: aggregate. Real campaigns: what is counted equals what rows of the same campaign
// say, however it came about.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "host/base/error.h"
#include "host/campaign/replay.h"
#include "tests/campaign/csv_rows.h"
#include "tests/support/configs.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using config::CampaignConfig;
using record::Store;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

CampaignConfig small(std::uint64_t trials = 700) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = trials;
  return config;
}

CampaignConfig weights(std::uint64_t trials = 700) {
  CampaignConfig config = small(trials);
  config.faults.where = config::Where::weights;
  config.campaign.samples_per_fault = 9;
  return config;
}

CampaignConfig counted(CampaignConfig config, std::uint64_t keep = 1'000'000) {
  config.campaign.record = config::Record::aggregate;
  config.campaign.keep = keep;
  return config;
}

// By site, bit, outcome and depth, read off the rows.
using Key = std::tuple<std::uint32_t, int, int, int>;
using Counts = std::map<Key, std::uint64_t>;

constexpr int several = 65;  // docs/store.md

Counts counts_of_rows(const Store& store) {
  Counts counts;
  store.for_each(
      1, [&](const record::TrialRow& row, std::span<const record::CorruptionRow> corruptions) {
        const injectors::Corruption& first = corruptions.front().corruption;
        std::uint32_t site = first.site.value;
        for (const record::CorruptionRow& other : corruptions) {
          if (other.corruption.site != first.site) site = (1U << 22U) - 1;
        }
        const int bit = corruptions.size() > 1 ? several : std::countr_zero(first.masks.flip);
        ++counts[{site, bit, static_cast<int>(row.verdict.outcome),
                  row.depth ? static_cast<int>(*row.depth) : -1}];
      });
  return counts;
}

Counts counts_of_totals(const Store& store) {
  Counts counts;
  for (const auto& [trials, count] : store.totals(1).counts) {
    counts[{trials.struck.site, trials.struck.bit, static_cast<int>(trials.outcome),
            trials.depth ? static_cast<int>(*trials.depth) : -1}] += count;
  }
  return counts;
}

// The report but for what says how it is recorded.
std::string report_of(const Store& store, const std::vector<report::GroupKey>& by) {
  report::Options options;
  options.by = by;
  Json json = Json::parse(report::to_json(report::make_report(store, 1, options)));
  for (const char* key : {"config", "started", "record", "kept"}) json["campaign"].erase(key);
  return json.dump(1);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The header and the first so many lines of trials with SDC or a non-finite output.
std::vector<std::string> worth_keeping(const std::string& rows, std::size_t most) {
  std::vector<std::string> kept;
  for (const std::string& line : lines_of(rows)) {
    const bool worth = line.find(",sdc_critical,") != std::string::npos ||
                       line.find(",sdc_tolerable,") != std::string::npos ||
                       line.find(",nonfinite,") != std::string::npos;
    if (kept.empty() || (worth && kept.size() <= most)) kept.push_back(line);
  }
  return kept;
}

class Aggregate : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path(name); }

  // Two stores that must say the same: one of rows, one of counts.
  void expect_same(const std::string& rows_name, const std::string& counts_name) {
    const Store rows = Store::open_for_reading(path(rows_name));
    const Store counts = Store::open_for_reading(path(counts_name));
    EXPECT_EQ(counts_of_totals(counts), counts_of_rows(rows));
    EXPECT_EQ(counts.count(1), rows.count(1));
    using report::GroupKey;
    for (const auto& by : std::vector<std::vector<GroupKey>>{{},
                                                             {GroupKey::site},
                                                             {GroupKey::op, GroupKey::field},
                                                             {GroupKey::site, GroupKey::bit}}) {
      EXPECT_EQ(report_of(counts, by), report_of(rows, by));
    }
  }

  void expect_equal_campaigns(const CampaignConfig& config) {
    const Ran rows = run_in(path("rows.db"), config);
    const Ran counts = run_in(path("counts.db"), counted(config));
    EXPECT_EQ(counts.result.added, rows.result.added);
    EXPECT_EQ(counts.result.stored, config.campaign.trials);
    EXPECT_EQ(counts.note("mode"), rows.note("mode"));
    EXPECT_EQ(lines_of(counts.rows), worth_keeping(rows.rows, SIZE_MAX));
    expect_same("rows.db", "counts.db");
    std::filesystem::remove(path("rows.db"));
    std::filesystem::remove(path("counts.db"));
  }

  support::TempDir folder_;
};

TEST_F(Aggregate, OfNeuronFaultsCountsWhatTheRowsSay) { expect_equal_campaigns(small()); }

TEST_F(Aggregate, InPlainModeCountsWhatTheRowsSay) {
  CampaignConfig config = small(200);
  config.run.mode = config::Mode::plain;
  expect_equal_campaigns(config);
  config = weights(200);
  config.run.mode = config::Mode::plain;
  config.run.batch = 4;  // faults are cut between chunks
  expect_equal_campaigns(config);
}

// 700 is no multiple of 9: the last fault is not complete.
TEST_F(Aggregate, OfWeightFaultsThatMeetSeveralSamplesCountsWhatTheRowsSay) {
  expect_equal_campaigns(weights());
}

TEST_F(Aggregate, OfSeveralCorruptionsCountsWhatTheRowsSay) {
  for (CampaignConfig config : {small(), weights()}) {
    config.faults.count = 3;
    expect_equal_campaigns(config);
  }
}

TEST_F(Aggregate, OfSitesDrawnAlikeCountsWhatTheRowsSay) {
  CampaignConfig config = weights();
  config.faults.weight = config::SiteWeight::site;
  expect_equal_campaigns(config);
}

TEST_F(Aggregate, InSeveralBlocksOfSamplesCountsWhatTheRowsSay) {
  for (CampaignConfig config : {small(2000), weights(2000)}) {
    config.faults.sites = {"*"};
    if (config.faults.where == config::Where::weights) config.faults.sites = {"conv1.*", "fc*"};
    config.run.batch = 8;
    const auto blocks = [&] {
      const auto subject = load_subject(config, true);
      const Planned planned = make_plan(*subject, config, "");
      return Wave(*subject, config, planned).blocks();
    };
    config.run.memory = 1 << 20;
    const std::string message = support::message_of<UsageError>([&] { blocks(); });
    config.run.memory = std::stoull(message.substr(message.find("few: ") + 5)) << 20;
    ASSERT_GT(blocks(), 1U);
    expect_equal_campaigns(config);
  }
}

TEST_F(Aggregate, MayGrowWithinAFaultAndEqualsOneRun) {
  for (const bool is_weights : {false, true}) {
    const auto config = [&](std::uint64_t trials) {
      return counted(is_weights ? weights(trials) : small(trials), 25);
    };
    const std::string grown = is_weights ? "grown_w.db" : "grown.db";
    const std::string whole = is_weights ? "whole_w.db" : "whole.db";
    for (const std::uint64_t trials : {100, 101, 400}) run_in(path(grown), config(trials));
    const Ran last = run_in(path(grown), config(700));
    EXPECT_EQ(last.result.added, 300U);
    EXPECT_EQ(last.rows, run_in(path(whole), config(700)).rows);
    const Store a = Store::open_for_reading(path(grown));
    const Store b = Store::open_for_reading(path(whole));
    EXPECT_EQ(a.totals(1).counts, b.totals(1).counts);
    EXPECT_EQ(a.totals(1).faults, b.totals(1).faults);
    EXPECT_EQ(report_of(a, {}), report_of(b, {}));
    EXPECT_THAT(support::message_of<UsageError>([&] { run_in(path(grown), config(600)); }),
                HasSubstr("may only grow"));
  }
}

TEST_F(Aggregate, ThatWasStoppedGoesOnAndEqualsAnUninterruptedOne) {
  const CampaignConfig config = counted(small(30'000), 100);
  std::uint64_t stored = 0;
  for (int round = 0; round < 3; ++round) {
    CampaignOptions options;
    options.deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(400 + 200 * round);
    const Ran ran = run_in(path("parts.db"), config, options);
    EXPECT_EQ(ran.result.stored, stored + ran.result.added);
    stored = ran.result.stored;
  }
  const Ran last = run_in(path("parts.db"), config);
  EXPECT_EQ(last.result.ending, Ending::complete);
  EXPECT_EQ(last.result.stored, 30'000U);
  EXPECT_EQ(last.rows, run_in(path("whole.db"), config).rows);
  EXPECT_EQ(Store::open_for_reading(path("parts.db")).totals(1).counts,
            Store::open_for_reading(path("whole.db")).totals(1).counts);
}

TEST_F(Aggregate, KeepsTheFirstRowsWhateverTheThreads) {
  const std::string rows = run_in(path("rows.db"), small(3000)).rows;
  for (const std::uint64_t threads : {1, 3}) {
    for (const std::uint64_t keep : {0, 1, 40}) {
      CampaignConfig config = counted(small(3000), keep);
      config.run.threads = threads;
      const Ran ran = run_in(path(fmt::format("{}_{}.db", threads, keep)), config);
      EXPECT_EQ(lines_of(ran.rows), worth_keeping(rows, keep));
      EXPECT_EQ(lines_of(ran.rows).size(), 1 + keep);
    }
  }
}

TEST_F(Aggregate, IsVerifiedLikeAnyOther) {
  CampaignConfig config = counted(small());
  config.run.verify = 0.2;
  EXPECT_THAT(run_in(path("a.db"), config).note("verified"), HasSubstr("trials replayed"));
}

TEST_F(Aggregate, StaysWhatItIs) {
  run_in(path("counts.db"), counted(small(64), 10));
  run_in(path("rows.db"), small(64));
  const auto refused = [&](const std::string& store, const CampaignConfig& config) {
    return support::message_of<UsageError>([&] { run_in(path(store), config); });
  };
  EXPECT_THAT(refused("counts.db", small(64)),
              HasSubstr("campaign.record: aggregate -> trials (counts cannot become rows"));
  EXPECT_THAT(refused("rows.db", counted(small(64))),
              HasSubstr("campaign.record: trials -> aggregate"));
  EXPECT_THAT(refused("counts.db", counted(small(64), 11)),
              HasSubstr("campaign.keep: 10 -> 11 (rows that were dropped are gone)"));
  EXPECT_EQ(Store::open_for_reading(path("rows.db")).rows(1), 64U);
  EXPECT_EQ(Store::open_for_reading(path("counts.db")).count(1), 64U);
}

TEST_F(Aggregate, DoesNotTakeAListedPlan) {
  const std::string plan = folder_.write("plan.json", R"([{"sample":0,"corruptions":[]}])");
  const std::string message = support::message_of<UsageError>(
      [&] { run_in(path("a.db"), counted(small()), {.plan_file = plan}); });
  EXPECT_THAT(message, testing::AllOf(HasSubstr("campaign.record"), HasSubstr("plan.json"),
                                      HasSubstr("use `record: trials`")));
  EXPECT_TRUE(Store::open_for_reading(path("a.db")).campaigns().empty());
}

TEST_F(Aggregate, ReplaysKeptTrialsAndThoseThatAreOnlyCounted) {
  for (const bool is_weights : {false, true}) {
    const CampaignConfig config = is_weights ? weights(200) : small(200);
    const std::string rows = is_weights ? "rows_w.db" : "rows.db";
    const std::string counts = is_weights ? "counts_w.db" : "counts.db";
    run_in(path(rows), config);
    run_in(path(counts), counted(config, 3));
    const Store of_rows = Store::open_for_reading(path(rows));
    const Store store = Store::open_for_reading(path(counts));
    std::vector<std::uint64_t> ids;
    store.for_each(1, [&](const record::TrialRow& row, auto) { ids.push_back(row.trial.value); });
    ASSERT_EQ(ids.size(), 3U);
    ids.insert(ids.end(), {0, 1, 150, 199});
    int only_counted = 0;
    for (const std::uint64_t id : ids) {
      const Replay replay = replay_trial(store, 1, id, {});
      const Replay expected = replay_trial(of_rows, 1, id, {});
      EXPECT_TRUE(replay.equal) << to_text(replay);
      only_counted += replay.kept ? 0 : 1;
      EXPECT_EQ(replay.now.fault, expected.now.fault);
      EXPECT_EQ(replay.now.sample, expected.now.sample);
      EXPECT_EQ(replay.now.verdict.max_abs, expected.now.verdict.max_abs);
      ASSERT_EQ(replay.words.size(), 1U);
      EXPECT_EQ(replay.words[0].after, expected.words[0].after);
      const Json json = Json::parse(to_json(replay));
      EXPECT_EQ(json["recorded"].is_null(), !replay.kept);
      EXPECT_EQ(json["equal"].is_null(), !replay.kept);
    }
    EXPECT_GT(only_counted, 0);
    EXPECT_THAT(support::message_of<UsageError>([&] { replay_trial(store, 1, 200, {}); }),
                testing::AllOf(HasSubstr("no such trial"), HasSubstr("it has 200")));
  }
}

// A trial that should have been kept as a row contradicts the record.
TEST_F(Aggregate, ReplaySeesARowThatIsMissing) {
  const CampaignConfig config = small(300);
  const std::string first_worth = worth_keeping(run_in(path("rows.db"), config).rows, 1).at(1);
  const std::uint64_t id = std::stoull(first_worth);
  {
    // As if it had been masked.
    Store store = Store::open_for_writing(path("a.db"));
    const auto subject = load_subject(config, true);
    const Planned planned = make_plan(*subject, config, "");
    auto row = describe_campaign(*subject, counted(config), planned, "");
    row.id = store.add(row, golden_rows(*subject));
    record::Tally tally;
    record::TrialRow masked;
    masked.trial.value = masked.fault.value = id;
    tally.add(masked, record::pack({}));
    tally.close();
    store.append(row.id, tally, {});
  }
  const Replay replay = replay_trial(Store::open_for_reading(path("a.db")), 1, id, {});
  EXPECT_FALSE(replay.kept);
  EXPECT_FALSE(replay.equal);
  EXPECT_THAT(to_text(replay), HasSubstr("would have kept"));
  EXPECT_EQ(Json::parse(to_json(replay))["equal"], false);
}

}  // namespace
}  // namespace softbeam::campaign
