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
  config_.run.mode = config::Mode::plain;
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

// The wave records what full inferences find.
TEST_F(Depth, OfTheWaveIsWhatReplayFinds) {
  struct Case {
    const char* model;
    const char* data;
    config::Where where;
    std::vector<std::string> sites;
  };
  const std::vector<Case> cases{
      {"lenet5.pt2", "digits.npz", config::Where::neurons, {"*"}},
      {"lenet5.pt2", "digits.npz", config::Where::neurons, {"*:in*"}},
      {"lenet5.pt2", "digits.npz", config::Where::weights, {}},
      {"lenet5.pt2", "digits.npz", config::Where::inputs, {}},
      {"two_calls.pt2", "small.npz", config::Where::neurons, {"*"}},
      {"two_calls.pt2", "small.npz", config::Where::weights, {}},
  };
  for (const Case& each : cases) {
    const std::string store = folder_.path(fmt::format("{}.db", &each - cases.data()));
    config::CampaignConfig config = support::config_of(each.model, each.data);
    config.faults.where = each.where;
    config.faults.sites = each.sites;
    const bool inputs = each.where == config::Where::inputs;  // their low bits are zeros
    config.faults.what = inputs ? injectors::Operation::bit_flip : injectors::Operation::stuck_at_0;
    config.faults.bits = {injectors::BitRange{0, inputs ? 1 : 12}};  // small differences die
    config.faults.count = inputs ? 1 : 2;
    config.campaign.trials = 200;
    std::vector<std::uint64_t> masked;
    {
      Store to = Store::open_for_writing(store);
      run_campaign(*load_subject(config, true), config, to, {});
      to.for_each(1, [&](const record::TrialRow& row, auto) {
        const bool dead = row.activated && row.verdict.outcome == compare::Outcome::masked;
        EXPECT_EQ(row.depth.has_value(), dead) << each.model << " trial " << row.trial.value;
        if (dead && masked.size() < 6) masked.push_back(row.trial.value);
      });
    }
    EXPECT_FALSE(masked.empty()) << store;
    for (const std::uint64_t trial : masked) {
      const Replay found = replay_trial(Store::open_for_reading(store), 1, trial, {});
      EXPECT_EQ(found.recorded.depth, found.now.depth) << each.model << ": " << to_text(found);
      EXPECT_TRUE(found.equal);
    }
  }
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
