// Where a masked trial's last difference died, by full inferences alone.
#include "host/campaign/replay.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/campaign/campaign.h"
#include "tests/support/configs.h"
#include "tests/support/temp_dir.h"

namespace softbeam::campaign {
namespace {

using record::Store;
using testing::HasSubstr;

class Depth : public testing::Test {
 protected:
  // Runs the trials of a plan on LeNet-5's digits; `site` names what is struck.
  void run(const std::string& trials) {
    const std::string plan = folder_.write("plan.json", fmt::format("[{}]", trials));
    const auto subject = load_subject(config_, true);
    Store store = Store::open_for_writing(path());
    run_campaign(*subject, config_, store, {.plan_file = plan});
  }
  static std::string flip(const std::string& site, std::uint64_t element, int bit) {
    return fmt::format(R"({{"sample":0,"corruptions":[{{"site":"{}","element":{},"bits":[{}]}}]}})",
                       site, element, bit);
  }
  static std::string flips(const std::string& site, std::uint64_t elements, int bit) {
    std::string list;
    for (std::uint64_t e = 0; e < elements; ++e) {
      list += fmt::format("{}{}", e == 0 ? "" : ",", flip(site, e, bit));
    }
    return list;
  }
  Replay replay(std::uint64_t trial) {
    return replay_trial(Store::open_for_reading(path()), 1, trial, {});
  }
  // The first masked trial whose fault changed a word.
  std::optional<Replay> first_masked() {
    std::optional<std::uint64_t> found;
    Store::open_for_reading(path()).for_each(1, [&](const record::TrialRow& row, auto) {
      if (!found && row.activated && row.verdict.outcome == compare::Outcome::masked) {
        found = row.trial.value;
      }
    });
    return found ? std::optional(replay(*found)) : std::nullopt;
  }
  std::string path() const { return folder_.path("a.db"); }

  support::TempDir folder_;
  config::CampaignConfig config_ = support::lenet_config();
};

TEST_F(Depth, IsTheNodeThatReadTheLastDifference) {
  // The lowest bit of a pre-activation: a ReLU hides it where the value is negative.
  run(flips("conv1", 200, 0));
  const auto masked = first_masked();
  ASSERT_TRUE(masked);
  ASSERT_EQ(masked->values.size(), 1U);
  EXPECT_EQ(masked->values[0].name, "conv1");
  EXPECT_EQ(masked->depth_node, "relu1");
  EXPECT_EQ(masked->now.depth, 2U);  // pad, conv1, relu1
  EXPECT_FALSE(masked->recorded.depth);
  EXPECT_TRUE(masked->equal);
  EXPECT_THAT(to_text(*masked), HasSubstr("the last difference died at node 2, relu1\n"));
  EXPECT_THAT(to_json(*masked), HasSubstr("\"name\": \"relu1\""));
}

TEST_F(Depth, OfAStruckInputIsItsNodeAlthoughNoValueDiffers) {
  run(flips("relu1:in0", 200, 0));
  const auto masked = first_masked();
  ASSERT_TRUE(masked);
  EXPECT_TRUE(masked->values.empty());
  EXPECT_EQ(masked->depth_node, "relu1");
}

TEST_F(Depth, OfAStruckWeightThatMeetsZerosIsItsNode) {
  run(flips("fc2.weight", 120, 0));  // one row: some of the inputs are zeros of a ReLU
  const auto masked = first_masked();
  ASSERT_TRUE(masked);
  EXPECT_TRUE(masked->values.empty());
  EXPECT_EQ(masked->depth_node, "fc2");
}

TEST_F(Depth, IsOfMaskedTrialsWhoseFaultChangedAWordAlone) {
  run(flip("fc3", 0, 31) + R"(,{"sample":1,"corruptions":[]})");
  EXPECT_NE(replay(0).now.verdict.outcome, compare::Outcome::masked);
  EXPECT_FALSE(replay(0).now.depth);
  EXPECT_FALSE(replay(1).now.depth);
  EXPECT_THAT(to_json(replay(1)), HasSubstr("\"depth\": null"));
}

TEST_F(Depth, ThatIsRecordedMustBeTheReplaysOwn) {
  run(flips("conv1", 200, 0));
  const auto masked = first_masked();
  ASSERT_TRUE(masked);
  for (const std::uint32_t depth : {2U, 3U}) {
    const std::string other = folder_.path(fmt::format("{}.db", depth));
    {
      const Store from = Store::open_for_reading(path());
      Store to = Store::open_for_writing(other);
      to.add(from.campaigns().front(), from.golden(1));
      from.visit_one(1, masked->now.trial, [&](record::TrialRow row, auto corruptions) {
        row.depth = depth;
        to.append(1, std::vector{row}, corruptions);
      });
    }
    const Replay again =
        replay_trial(Store::open_for_reading(other), 1, masked->now.trial.value, {});
    EXPECT_EQ(again.equal, depth == 2);
    EXPECT_EQ(to_text(again).find("the record says node 3") != std::string::npos, depth == 3);
  }
}

}  // namespace
}  // namespace softbeam::campaign
