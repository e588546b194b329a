// campaign.record: aggregate. Real campaigns: what is counted equals what rows of the same campaign
// say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <map>
#include <tuple>

#include "host/base/error.h"
#include "tests/campaign/counted_campaigns.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using namespace counted_campaigns;
using testing::HasSubstr;

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

TEST_F(Aggregate, IsVerifiedLikeAnyOther) {
  CampaignConfig config = counted(small());
  config.run.verify = 0.2;
  EXPECT_THAT(run_in(path("a.db"), config).note("verified"), HasSubstr("trials replayed"));
}

}  // namespace
}  // namespace softbeam::campaign
