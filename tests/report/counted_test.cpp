// A store that keeps counts gives the report that rows of the same trials give.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/record/random_trials.h"
#include "tests/report/campaigns.h"

namespace softbeam::report {
namespace {

using record::fixtures::RandomTrials;
using Json = nlohmann::ordered_json;

// The same trials as rows and as counts.
struct Twins {
  explicit Twins(const RandomTrials& trials, std::uint64_t count, double first_share = 0.75)
      : store(record::Store::open_for_writing(folder / "s.db")) {
    record::CampaignRow row = fixtures::campaign_row("rows");
    row.clustered = trials.samples_per_fault > 1;
    row.sites[0].draw_share = first_share;
    row.sites[1].draw_share = 1 - first_share;
    rows = store.add(row, fixtures::golden_rows(trials.samples));
    trials.append_rows(store, rows, 0, count);
    row.label = "counts";
    row.aggregate =
        record::AggregateRule{.keep = 10, .samples_per_fault = trials.samples_per_fault};
    row.id = counts = store.add(row, fixtures::golden_rows(trials.samples));
    // In three parts that end within faults, the last one first.
    const std::uint64_t first = std::min(count, count / 3 + 1);
    const std::uint64_t second = std::min(count, count / 2 + 1);
    trials.append_counts(store, row, second, count);
    trials.append_counts(store, row, 0, first);
    trials.append_counts(store, row, first, second);
  }

  // But for what says that it is another campaign, recorded otherwise.
  Json report(std::int64_t id, const Options& options) const {
    Json json = Json::parse(to_json(make_report(store, id, options)));
    for (const char* key : {"id", "label", "record", "kept"}) json["campaign"].erase(key);
    return json;
  }

  void expect_equal(const Options& options) const {
    const Json of_rows = report(rows, options);
    EXPECT_EQ(report(counts, options).dump(1), of_rows.dump(1));
    EXPECT_GT(of_rows["activated"], 0);
    if (!options.by.empty()) {
      EXPECT_GT(of_rows["groups"].size(), 1U);
    }
  }

  fixtures::Folder folder;
  record::Store store;
  std::int64_t rows = 0;
  std::int64_t counts = 0;
};

const std::vector<std::vector<GroupKey>> all_groupings{
    {},
    {GroupKey::site},
    {GroupKey::op},
    {GroupKey::bit},
    {GroupKey::field},
    {GroupKey::site, GroupKey::bit},
    {GroupKey::field, GroupKey::op},
    {GroupKey::bit, GroupKey::site, GroupKey::field, GroupKey::op}};

void expect_equal_reports(const Twins& twins) {
  for (const auto& by : all_groupings) {
    for (const Interval interval : {Interval::wilson, Interval::exact}) {
      Options options = fixtures::by(by);
      options.interval = interval;
      twins.expect_equal(options);
    }
  }
}

TEST(Counted, ReportsEqualThoseOfRows) {
  expect_equal_reports(Twins({.samples_per_fault = 1}, 3000));
}

TEST(Counted, ReportsOfSeveralCorruptionsAndOfOddOnesEqualThoseOfRows) {
  expect_equal_reports(Twins({.samples_per_fault = 1, .corruptions = 3}, 3000));
}

// 100 is no multiple of 7: the last fault is not complete, and its part counts.
TEST(Counted, ReportsOfFaultsThatMeetSeveralSamplesEqualThoseOfRows) {
  expect_equal_reports(Twins({.samples_per_fault = 7}, 100));
  expect_equal_reports(Twins({.samples_per_fault = 10, .corruptions = 2}, 3000));
}

TEST(Counted, ReportsThatAreWeightedByElementsEqualThoseOfRows) {
  expect_equal_reports(Twins({.samples_per_fault = 1}, 3000, 0.5));
  expect_equal_reports(Twins({.samples_per_fault = 6}, 3000, 0.5));
}

TEST(Counted, SaysHowManyRowsAreKept) {
  const Twins twins({}, 500);
  const Report report = make_report(twins.store, twins.counts, {});
  EXPECT_EQ(report.kept, 10U);
  EXPECT_EQ(report.overall.trials, 500U);
  const Json json = Json::parse(to_json(report))["campaign"];
  EXPECT_EQ(json["record"], "aggregate");
  EXPECT_EQ(json["kept"], 10);
  EXPECT_THAT(to_text(report), ::testing::HasSubstr("10 of them are rows"));
  const Report of_rows = make_report(twins.store, twins.rows, {});
  EXPECT_EQ(Json::parse(to_json(of_rows))["campaign"]["record"], "trials");
  EXPECT_FALSE(Json::parse(to_json(of_rows))["campaign"].contains("kept"));
  EXPECT_THAT(to_text(of_rows), ::testing::Not(::testing::HasSubstr("are rows")));
}

TEST(Counted, ReportsACampaignThatHasNoTrialYet) {
  const Twins twins({}, 0);
  EXPECT_EQ(twins.report(twins.counts, {}).dump(1), twins.report(twins.rows, {}).dump(1));
}

}  // namespace
}  // namespace softbeam::report
