// Whole campaigns without a process: batched equals one by one, resumed equals uninterrupted,
// nothing depends on threads, and a store takes no other campaign.
#include "host/campaign/campaign.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "host/base/error.h"
#include "host/campaign/replay.h"
#include "host/campaign/work.h"
#include "host/report/report.h"
#include "tests/campaign/csv_rows.h"
#include "tests/support/configs.h"
#include "tests/support/message_of.h"
#include "tests/support/temp_dir.h"

namespace softbeam::campaign {
namespace {

using config::CampaignConfig;
using record::Store;
using testing::HasSubstr;

std::string run_whole(const CampaignConfig& config, const std::string& path) {
  Store store = Store::open_for_writing(path);
  const auto subject = load_subject(config, true);
  const auto result = run_campaign(*subject, config, store, {});
  EXPECT_EQ(result.ending, Ending::complete);
  EXPECT_EQ(result.stored, result.planned);
  return csv(store, result.id);
}

CampaignConfig small(std::uint64_t trials = 600) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = trials;
  return config;
}

TEST(Campaign, OutcomesDoNotDependOnThreads) {
  const support::TempDir folder;
  CampaignConfig config = small();
  config.run.threads = 1;
  const std::string one = run_whole(config, folder.path("one.db"));
  config.run.threads = 3;
  EXPECT_EQ(one, run_whole(config, folder.path("three.db")));
}

TEST(Campaign, BatchedEqualsOneByOne) {
  // The same chunk shape, one trial in each chunk.
  const support::TempDir folder;
  CampaignConfig config = small(130);
  config.run.mode = config::Mode::plain;
  const std::string batched = run_whole(config, folder.path("batched.db"));
  const auto subject = load_subject(config, true);
  const Planned planned = make_plan(*subject, config, "");
  Store store = Store::open_for_writing(folder.path("single.db"));
  const auto id =
      store.add(describe_campaign(*subject, config, planned, ""), golden_rows(*subject));
  for (std::uint64_t t = 130; t-- > 0;) {  // backwards, for good measure
    const UnitRows rows =
        run_unit(*subject, t % 2, *planned.plan, std::array{record::TrialRange{t, t + 1}});
    store.append(id, rows.trials, rows.corruptions);
  }
  EXPECT_EQ(batched, csv(store, id));
}

TEST(Campaign, ResumedEqualsUninterrupted) {
  const support::TempDir folder;
  for (const bool weights : {false, true}) {
    CampaignConfig config = small();
    config.run.mode = config::Mode::plain;
    if (weights) {
      config.faults.where = config::Where::weights;
      config.campaign.samples_per_fault = 30;
      config.run.batch = 16;  // a fault is cut at chunks
    }
    const std::string name = weights ? "weights" : "neurons";
    const std::string whole = run_whole(config, folder.path(name + "_whole.db"));
    const auto subject = load_subject(config, true);
    const Planned planned = make_plan(*subject, config, "");
    {
      Store store = Store::open_for_writing(folder.path(name + "_parts.db"));
      const auto id =
          store.add(describe_campaign(*subject, config, planned, ""), golden_rows(*subject));
      for (const record::TrialRange range : {record::TrialRange{77, 101}, {250, 251}, {590, 600}}) {
        const UnitRows rows = run_unit(*subject, 0, *planned.plan, std::array{range});
        store.append(id, rows.trials, rows.corruptions);
      }
    }
    Store store = Store::open_for_writing(folder.path(name + "_parts.db"));
    const auto result = run_campaign(*subject, config, store, {});
    EXPECT_EQ(result.added, 600U - 35);
    EXPECT_EQ(whole, csv(store));
  }
}

TEST(Campaign, MayGrowAndKeepsWhatItHas) {
  const support::TempDir folder;
  const std::string path = folder.path("grow.db");
  run_whole(small(100), path);
  EXPECT_EQ(run_whole(small(300), path), run_whole(small(300), folder.path("at_once.db")));
  EXPECT_THAT(support::message_of<UsageError>([&] { run_whole(small(200), path); }),
              HasSubstr("may only grow"));
}

TEST(Campaign, WithoutFaultsEverythingIsMasked) {
  const support::TempDir folder;
  std::string list;
  for (int t = 0; t < 200; ++t) {
    list += fmt::format("{}{{\"sample\":{},\"corruptions\":[]}}", t == 0 ? "[" : ",", t % 40);
  }
  const std::string plan = folder.write("nothing.json", list + "]");
  const CampaignConfig config = small();
  Store store = Store::open_for_writing(folder.path("zero.db"));
  const auto subject = load_subject(config, true);
  const auto result = run_campaign(*subject, config, store, {.plan_file = plan});
  const auto report = report::make_report(store, result.id, {});
  EXPECT_EQ(report.overall.outcomes.at("masked"), 200U);
  EXPECT_EQ(report.overall.activated, 0U);
}

TEST(Campaign, AStopEndsAfterTheChunkWithTheStoreInOrder) {
  const support::TempDir folder;
  const CampaignConfig config = small(5000);
  const auto subject = load_subject(config, true);
  std::atomic<bool> stop{true};
  Store store = Store::open_for_writing(folder.path("stopped.db"));
  const auto stopped = run_campaign(*subject, config, store, {.stop = &stop});
  EXPECT_EQ(stopped.ending, Ending::stopped);
  EXPECT_LT(stopped.stored, 5000U);
  stop = false;
  EXPECT_EQ(run_campaign(*subject, config, store, {.stop = &stop}).ending, Ending::complete);
}

TEST(Campaign, AnotherCampaignIsRefusedAndTheDifferenceNamed) {
  const support::TempDir folder;
  const std::string path = folder.path("store.db");
  const CampaignConfig config = small(64);
  run_whole(config, path);
  const auto refused = [&](const CampaignConfig& other) {
    return support::message_of<UsageError>([&] { run_whole(other, path); });
  };
  CampaignConfig other = config;
  other.campaign.seed = 2;
  EXPECT_THAT(refused(other), HasSubstr("campaign.seed: 1 -> 2"));
  other = config;
  other.run.threads = 1;
  EXPECT_THAT(refused(other), HasSubstr("threads: 2 -> 1"));
  other = config;
  other.model.file = std::string(SB_TEST_MODELS) + "/lenet5.traced.pt";
  EXPECT_THAT(refused(other), HasSubstr("model: "));
  other = config;
  other.data.limit = 32;
  EXPECT_THAT(refused(other), HasSubstr("data: "));
  other = config;
  other.faults.bits = {injectors::BitRange{30, 31}};
  EXPECT_THAT(refused(other), HasSubstr("faults.bits"));
}

TEST(Campaign, OneSampleAChunkHasTheSameAnswersAndSitesAsMany) {
  CampaignConfig config = small(100);
  config.faults.where = config::Where::weights;
  config.run.batch = 1;
  const auto one = load_subject(config, true);
  ASSERT_EQ(one->profile.batch, 1);
  EXPECT_TRUE(one->classifier());
  config.run.batch = 64;
  const auto many = load_subject(config, true);
  for (std::size_t i = 0; i < one->profile.sites.size(); ++i) {
    EXPECT_EQ(one->profile.sites[i].shape, many->profile.sites[i].shape);
  }
  for (std::size_t s = 0; s < one->answers.size(); ++s) {
    EXPECT_EQ(one->answers[s].top1, many->answers[s].top1);
  }
}

TEST(Campaign, ChunksOfWeightFaultsAreMultiplesOfFourRows) {
  // Kernels for one row differ in bits from those for more.
  model::Graph graph;
  data::Dataset data;
  data.shape = {1, 28, 28};
  CampaignConfig config;
  config.faults.where = config::Where::weights;
  const std::vector<std::pair<std::uint64_t, std::int64_t>> cases{
      {1, 4}, {4, 4}, {5, 8}, {30, 32}, {256, 256}, {5000, 256}, {~std::uint64_t{0}, 256}};
  for (const auto& [met, batch] : cases) {
    for (const auto mode : {config::Mode::wave, config::Mode::plain}) {
      config.campaign.samples_per_fault = met;
      config.run.mode = mode;
      EXPECT_EQ(choose_batch(config, graph, data), batch) << met;
    }
  }
}

TEST(Campaign, MayGoOnWithMoreMemoryOrMoreVerifiedTrialsButInItsMode) {
  const support::TempDir folder;
  const std::string path = folder.path("store.db");
  CampaignConfig config = small(64);
  run_whole(config, path);
  config.run.memory = std::uint64_t{8} << 30U;
  config.run.verify = 0.5;
  config.run.allow_nondeterministic = true;  // changes nothing for this model
  run_whole(config, path);
  config.run.mode = config::Mode::plain;
  EXPECT_THAT(support::message_of<UsageError>([&] { run_whole(config, path); }),
              HasSubstr("run.mode: wave -> plain"));
}

TEST(Campaign, OfANonDeterministicModelRunsGoesOnAndSaysWhatItIs) {
  const support::TempDir folder;
  CampaignConfig config = support::config_of("random_op.pt2", "small.npz");
  config.campaign.trials = 50;
  config.faults.what = injectors::Operation::stuck_at_0;  // many faults change no bit
  EXPECT_THAT(support::message_of<RunError>([&] { load_subject(config, true); }),
              HasSubstr("--allow-nondeterministic"));
  config.run.allow_nondeterministic = true;
  run_whole(config, folder.path("a.db"));
  config.campaign.trials = 90;
  run_whole(config, folder.path("a.db"));
  const Store store = Store::open_for_reading(folder.path("a.db"));
  const report::Report report = report::make_report(store, 1, {});
  EXPECT_EQ(report.overall.trials, 90U);
  EXPECT_FALSE(report.deterministic);
  EXPECT_THAT(report::to_text(report), HasSubstr("CAUTION: the model is not deterministic"));
  EXPECT_THAT(report::to_json(report), HasSubstr("\"deterministic\": false"));
  const Replay replay = replay_trial(store, 1, 3, {});
  EXPECT_FALSE(replay.deterministic);
  EXPECT_THAT(to_text(replay), HasSubstr("CAUTION"));
}

TEST(Campaign, ARunAndASweepDoNotShareAStore) {
  const support::TempDir folder;
  const std::string path = folder.path("run.db");
  run_whole(small(64), path);
  const auto subject = load_subject(small(64), true);
  Store store = Store::open_for_writing(path);
  EXPECT_THAT(support::message_of<UsageError>(
                  [&] { run_campaign(*subject, small(64), store, {.label = "campaign.seed=1"}); }),
              HasSubstr("the campaign of a run"));
}

TEST(Campaign, ReplayOfOneTrialReproducesItsRecord) {
  const support::TempDir folder;
  for (const bool weights : {false, true}) {
    CampaignConfig config = small(96);
    if (weights) {
      config.faults.where = config::Where::weights;
      config.campaign.samples_per_fault = 8;
    }
    const std::string path = folder.path(weights ? "w.db" : "n.db");
    run_whole(config, path);
    const Store store = Store::open_for_reading(path);
    for (const std::uint64_t trial : {0, 41, 95}) {
      const Replay replay = replay_trial(store, 1, trial, {});
      EXPECT_TRUE(replay.equal) << to_text(replay);
      EXPECT_EQ(replay.words.size(), 1U);
      // The struck word itself differs; a fault that reached the output left a trace of values.
      EXPECT_NE(replay.words[0].before, replay.words[0].after);
      EXPECT_TRUE(!replay.values.empty() || replay.now.verdict.outcome == compare::Outcome::masked);
    }
    EXPECT_THAT(support::message_of<UsageError>([&] { replay_trial(store, 1, 96, {}); }),
                HasSubstr("no such trial"));
  }
}

TEST(Units, CoverEveryMissingTrialOnceAndKeepFaultsTogether) {
  for (const std::uint64_t samples : {1, 3, 10, 16, 40, 1000}) {
    for (const std::uint64_t batch : {1, 16, 64}) {
      const std::vector<record::TrialRange> missing{{0, 5}, {17, 18}, {100, 2345}};
      std::vector<std::uint64_t> seen;
      Units units(missing, batch, samples);
      for (auto unit = units.next(); !unit.empty(); unit = units.next()) {
        std::uint64_t size = 0;
        for (const record::TrialRange& range : unit) {
          ASSERT_LT(range.first, range.last);
          size += range.last - range.first;
          for (std::uint64_t t = range.first; t < range.last; ++t) seen.push_back(t);
        }
        EXPECT_LE(size, std::max<std::uint64_t>(batch, 16));
      }
      std::vector<std::uint64_t> expected;
      for (const auto& range : missing) {
        for (std::uint64_t t = range.first; t < range.last; ++t) expected.push_back(t);
      }
      EXPECT_EQ(seen, expected);
    }
  }
}

}  // namespace
}  // namespace softbeam::campaign
