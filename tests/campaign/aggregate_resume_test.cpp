// campaign.record: aggregate. Campaigns that go on: grown, resumed, with a limit of kept rows, and
// refused where they would be another.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <filesystem>

#include "host/base/error.h"
#include "host/campaign/recorder.h"
#include "host/campaign/wave.h"
#include "tests/campaign/counted_campaigns.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using namespace counted_campaigns;
using testing::HasSubstr;

class AggregateResume : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path(name); }

  support::TempDir folder_;
};

TEST_F(AggregateResume, MayGrowWithinAFaultAndEqualsOneRun) {
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

// Parts of faults, and of the bitmap's words, were recorded before the campaign was killed.
TEST_F(AggregateResume, ThatIsResumedEqualsAnUninterruptedOne) {
  for (const CampaignConfig& plain : {small(), weights()}) {
    const CampaignConfig config = counted(plain, 30);
    const std::string whole = run_in(path("whole.db"), config).rows;
    {
      const auto subject = load_subject(config, true);
      const Planned planned = make_plan(*subject, config, "");
      const record::CampaignRow row = describe_campaign(*subject, config, planned, "");
      Store store = Store::open_for_writing(path("parts.db"));
      const auto id = store.add(row, golden_rows(*subject));
      Wave wave(*subject, config, planned);
      const auto recorder = make_recorder(store, id, row);
      Progress progress(0, row.planned, false);
      for (const record::TrialRange range : {record::TrialRange{590, 600}, {77, 101}, {250, 251}}) {
        std::deque<UnitRows> units;
        units.push_back(wave.run(1, std::array{range}));
        recorder->prepare(units.back());
        recorder->add(std::move(units), progress);
      }
      recorder->finish();
      EXPECT_EQ(store.count(id), 35U);
      EXPECT_EQ(progress.added(), 35U);
    }
    const Ran resumed = run_in(path("parts.db"), config);
    EXPECT_EQ(resumed.result.added, 700U - 35);
    EXPECT_EQ(resumed.rows, whole);
    const Store a = Store::open_for_reading(path("parts.db"));
    const Store b = Store::open_for_reading(path("whole.db"));
    EXPECT_EQ(a.totals(1).counts, b.totals(1).counts);
    EXPECT_EQ(a.totals(1).faults, b.totals(1).faults);
    EXPECT_EQ(report_of(a, {}), report_of(b, {}));
    std::filesystem::remove(path("parts.db"));
    std::filesystem::remove(path("whole.db"));
  }
}

TEST_F(AggregateResume, KeepsTheFirstRowsWhateverTheThreads) {
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

TEST_F(AggregateResume, StaysWhatItIs) {
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

TEST_F(AggregateResume, DoesNotTakeAListedPlan) {
  const std::string plan = folder_.write("plan.json", R"([{"sample":0,"corruptions":[]}])");
  const std::string message = support::message_of<UsageError>(
      [&] { run_in(path("a.db"), counted(small()), {.plan_file = plan}); });
  EXPECT_THAT(message, testing::AllOf(HasSubstr("campaign.record"), HasSubstr("plan.json"),
                                      HasSubstr("use `record: trials`")));
  EXPECT_TRUE(Store::open_for_reading(path("a.db")).campaigns().empty());
}

}  // namespace
}  // namespace softbeam::campaign
