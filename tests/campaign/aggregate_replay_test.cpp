// campaign.record: aggregate. Any trial can be run again, whether it is kept as a row or not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/error.h"
#include "host/campaign/replay.h"
#include "tests/campaign/counted_campaigns.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using namespace counted_campaigns;
using testing::HasSubstr;

class AggregateReplay : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path(name); }

  support::TempDir folder_;
};

TEST_F(AggregateReplay, ReplaysKeptTrialsAndThoseThatAreOnlyCounted) {
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
TEST_F(AggregateReplay, ReplaySeesARowThatIsMissing) {
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
