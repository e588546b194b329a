// Wave mode against plain mode, and against itself with other threads and other forms.
#include "host/campaign/wave.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/campaign/csv_rows.h"
#include "tests/support/configs.h"

namespace softbeam::campaign {
namespace {

using config::CampaignConfig;
using config::Mode;
using run::FormChoice;
using testing::HasSubstr;

// Both modes; their rows are the same but for the depth. What wave mode gave.
Ran expect_plain_rows(CampaignConfig config, const CampaignOptions& options = {}) {
  config.run.mode = Mode::wave;
  Ran wave = run_whole(config, options);
  config.run.mode = Mode::plain;
  const Ran plain = run_whole(config, options);
  EXPECT_EQ(wave.note("mode"), "wave") << wave.note("no_wave");
  EXPECT_EQ(plain.note("mode"), "plain");
  EXPECT_EQ(without_depth(wave.rows), without_depth(plain.rows));
  return wave;
}

CampaignConfig lenet(std::uint64_t trials) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = trials;
  return config;
}

TEST(Wave, OnNeuronsEqualsPlainMode) {
  CampaignConfig config = lenet(1500);
  config.faults.sites = {"*"};
  expect_plain_rows(config);
  config.faults.count = 3;
  expect_plain_rows(config);
}

TEST(Wave, OnWeightsAndBiasesThatMeetSeveralSamplesEqualsPlainMode) {
  for (const auto where : {config::Where::weights, config::Where::biases}) {
    for (const std::uint64_t count : {1, 3}) {
      SCOPED_TRACE(fmt::format("{} corruptions of {}", count, static_cast<int>(where)));
      CampaignConfig config = lenet(400);
      config.faults.where = where;
      config.faults.count = count;
      config.campaign.samples_per_fault = 20;
      config.run.batch = 16;  // a fault is cut at chunks
      const Ran wave = expect_plain_rows(config);
      EXPECT_EQ(wave.note("plain_trials"), "");
    }
  }
}

TEST(Wave, OnTheModelsInputEqualsPlainMode) {
  CampaignConfig config = lenet(400);
  config.faults.where = config::Where::inputs;
  expect_plain_rows(config);
  config.faults.count = 3;
  expect_plain_rows(config);
}

// What one node alone reads.
TEST(Wave, OnTheInputsOfNodesEqualsPlainMode) {
  for (const char* site : {"conv2:in0", "fc1:in0", "*:in*"}) {
    for (const std::uint64_t count : {1, 3}) {
      SCOPED_TRACE(fmt::format("{} corruptions of {}", count, site));
      CampaignConfig config = lenet(400);
      config.faults.sites = {site};
      config.faults.count = count;
      expect_plain_rows(config);
    }
  }
}

TEST(Wave, OnAResidualNetworkEqualsPlainMode) {
  CampaignConfig config = support::config_of("resnet18.pt2", "photos64.npz");
  config.campaign.trials = 60;
  config.data.limit = 4;
  config.run.batch = 8;
  expect_plain_rows(config);
  config.faults.where = config::Where::weights;
  config.campaign.samples_per_fault = 4;
  config.campaign.trials = 32;
  expect_plain_rows(config);
}

TEST(Wave, OnOddModelsEqualsPlainMode) {
  for (const char* model :
       {"two_calls.pt2", "tied.pt2", "two_outputs.pt2", "scalars.pt2", "static_batch.pt2",
        "segmentation.pt2", "float16.pt2", "batch_moves.pt2", "two_calls.traced.pt"}) {
    for (const auto where : {config::Where::neurons, config::Where::weights}) {
      SCOPED_TRACE(fmt::format("{} {}", model, static_cast<int>(where)));
      CampaignConfig config = support::config_of(model, "small.npz");
      config.faults.where = where;
      config.faults.sites = {"*"};
      config.campaign.trials = 150;
      expect_plain_rows(config);
    }
  }
}

TEST(Wave, OfAFaultThatChangesNoBitIsMaskedAndNotActivated) {
  CampaignConfig config = lenet(400);
  config.faults.sites = {"*"};
  config.faults.what = injectors::Operation::stuck_at_0;
  config.faults.bits = {injectors::BitRange{20, 31}};
  const support::TempDir folder;
  const std::string path = folder.path("a.db");
  run_in(path, config);
  std::uint64_t unchanged = 0;
  const record::Store store = record::Store::open_for_reading(path);
  store.for_each(1, [&](const record::TrialRow& row, auto) {
    const bool masked = row.verdict.outcome == compare::Outcome::masked;
    unchanged += row.activated ? 0 : 1;
    EXPECT_TRUE(row.activated || masked);
    EXPECT_EQ(row.depth.has_value(), row.activated && masked) << row.trial.value;
  });
  EXPECT_GT(unchanged, 50U);
  EXPECT_LT(unchanged, 350U);
  expect_plain_rows(config);
}

TEST(Wave, OfATrialWithoutCorruptionsIsMaskedAmongOthers) {
  const support::TempDir folder;
  std::string list;
  for (int t = 0; t < 60; ++t) {
    const char* strike = R"({"site":"fc3","element":0,"bits":[31]})";
    list += fmt::format(R"({}{{"sample":{},"corruptions":[{}]}})", t == 0 ? "[" : ",", t % 7,
                        t % 3 == 0 ? strike : "");
  }
  const std::string plan = folder.write("plan.json", list + "]");
  const CampaignOptions options{.plan_file = plan};
  const std::string path = folder.path("a.db");
  run_in(path, lenet(60), options);
  record::Store::open_for_reading(path).for_each(1, [](const record::TrialRow& row, auto) {
    const bool struck = row.trial.value % 3 == 0;
    EXPECT_EQ(row.activated, struck);
    EXPECT_EQ(row.verdict.outcome == compare::Outcome::masked, !struck);
    EXPECT_FALSE(row.depth);
  });
  expect_plain_rows(lenet(60), options);
}

TEST(Wave, DoesNotDependOnThreads) {
  CampaignConfig config = lenet(3000);
  config.faults.sites = {"*"};
  config.run.threads = 1;
  const Ran one = run_whole(config);
  config.run.threads = 3;
  const Ran three = run_whole(config);
  EXPECT_EQ(one.note("mode"), "wave");
  EXPECT_EQ(one.rows, three.rows);
}

TEST(Wave, DoesNotDependOnFormsNorOnRegions) {
  struct Case {
    const char* model;
    const char* data;
    std::uint64_t trials;
    std::uint64_t samples;
  };
  for (const Case& each :
       {Case{"lenet5.pt2", "digits.npz", 600, 64}, Case{"resnet18.pt2", "photos64.npz", 40, 2}}) {
    CampaignConfig config = support::config_of(each.model, each.data);
    config.campaign.trials = each.trials;
    config.data.limit = each.samples;
    config.run.batch = 8;
    config.faults.sites = {"*"};
    const Ran fastest = run_whole(config);
    EXPECT_EQ(fastest.note("mode"), "wave");
    for (const auto forms : {FormChoice::crop, FormChoice::canvas, FormChoice::dense,
                             FormChoice::random, FormChoice::fastest}) {
      SCOPED_TRACE(fmt::format("{} forms {}", each.model, static_cast<int>(forms)));
      const bool fuse = forms != FormChoice::fastest && forms != FormChoice::crop;
      const Ran other = run_whole(config, {.wave = {.forms = forms, .fuse = fuse, .seed = 9}});
      EXPECT_EQ(fastest.rows, other.rows);
    }
  }
}

TEST(Wave, OfAModelThatWritesToAPartOfAValueIsPlainModeAndSaysWhy) {
  CampaignConfig config = support::config_of("inplace_views.pt2", "small.npz");
  config.campaign.trials = 100;
  config.faults.sites = {"*"};
  const Ran refused = run_whole(config);
  EXPECT_EQ(refused.note("mode"), "plain");
  EXPECT_THAT(refused.note("no_wave"),
              HasSubstr("after another operator has written to a part of it"));
  config.run.mode = Mode::plain;
  const Ran plain = run_whole(config);
  EXPECT_EQ(plain.note("no_wave"), "");
  EXPECT_EQ(refused.rows, plain.rows);
}

}  // namespace
}  // namespace softbeam::campaign
