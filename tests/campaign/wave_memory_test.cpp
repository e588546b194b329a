// run.memory: too little is refused, little means several blocks of samples, and no row depends on
// it. Resuming in wave mode.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <vector>

#include "host/base/error.h"
#include "tests/campaign/csv_rows.h"
#include "tests/support/configs.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using config::CampaignConfig;
using record::Store;
using testing::ContainsRegex;

CampaignConfig lenet(std::uint64_t trials = 2000) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = trials;
  config.faults.sites = {"*"};
  config.run.batch = 8;
  return config;
}

std::size_t blocks(const CampaignConfig& config) {
  const auto subject = load_subject(config, true);
  const Planned planned = make_plan(*subject, config, "");
  return Wave(*subject, config, planned).blocks();
}

std::uint64_t mib_needed(const CampaignConfig& config) {
  const std::string message = support::message_of<UsageError>([&] { blocks(config); });
  return std::stoull(message.substr(message.find("few: ") + 5));
}

// With the least memory, or a little more, with which the wave starts.
CampaignConfig in_several_blocks(CampaignConfig config) {
  config.run.memory = 1 << 20;
  config.run.memory = mib_needed(config) << 20;
  EXPECT_GT(blocks(config), 1U);
  return config;
}

Ran run_in_time(const CampaignConfig& config) {
  const support::TempDir folder;
  CampaignOptions options;
  options.deadline = deadline_of(config);
  return run_in(folder.path("a.db"), config, options);
}

// How many trials met each sample.
std::vector<std::uint64_t> trials_by_sample(const std::string& rows, std::size_t samples) {
  std::istringstream in(rows);
  std::string line;
  std::getline(in, line);
  std::vector<std::string> names;
  std::istringstream header(line);
  for (std::string name; std::getline(header, name, ',');) names.push_back(name);
  const auto column = std::find(names.begin(), names.end(), "sample") - names.begin();
  std::vector<std::uint64_t> trials(samples, 0);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string field;
    for (std::ptrdiff_t f = 0; f <= column; ++f) std::getline(fields, field, ',');
    ++trials.at(std::stoull(field));
  }
  return trials;
}

TEST(WaveMemory, ThatIsTooLittleIsRefusedWithWhatIsNeededAndNothingRecorded) {
  const support::TempDir folder;
  const std::string path = folder.path("a.db");
  CampaignConfig config = lenet();
  config.run.batch = 256;
  config.run.memory = 1 << 20;
  const std::string message = support::message_of<UsageError>([&] { run_in(path, config); });
  EXPECT_THAT(message, ContainsRegex("run\\.memory: .*[0-9]+ MiB are needed"));
  EXPECT_EQ(Store::open_for_reading(path).count(1), 0U);

  const std::size_t at = message.find("few: ") + 5;
  config.run.memory = std::stoull(message.substr(at)) << 20;
  EXPECT_EQ(run_in(path, config).result.ending, Ending::complete);
}

TEST(WaveMemory, OfSeveralBlocksGivesTheRowsOfOne) {
  for (const auto where : {config::Where::neurons, config::Where::weights}) {
    CampaignConfig config = lenet();
    config.faults.where = where;
    if (where == config::Where::weights) config.campaign.samples_per_fault = 25;
    EXPECT_EQ(blocks(config), 1U);
    const Ran one = run_whole(config);
    const CampaignConfig less = in_several_blocks(config);
    EXPECT_GT(blocks(less), 1U);
    const Ran several = run_whole(less);
    EXPECT_EQ(several.note("mode"), "wave");
    EXPECT_EQ(one.rows, several.rows);
  }
}

// Units of the first block were recorded before the campaign was killed.
TEST(WaveMemory, OfAResumedCampaignGivesTheRowsOfAnUninterruptedOne) {
  for (const bool several : {false, true}) {
    const CampaignConfig config = several ? in_several_blocks(lenet(3000)) : lenet(3000);
    const support::TempDir folder;
    const auto subject = load_subject(config, true);
    const Planned planned = make_plan(*subject, config, "");
    std::uint64_t before = 0;
    {
      Store store = Store::open_for_writing(folder.path("a.db"));
      const auto id =
          store.add(describe_campaign(*subject, config, planned, ""), golden_rows(*subject));
      Wave wave(*subject, config, planned);
      ASSERT_EQ(wave.blocks() > 1, several);
      wave.enter(0);
      for (const record::TrialRange range : {record::TrialRange{256, 512}, {1000, 1001}}) {
        const UnitRows rows = wave.run(1, std::array{range});
        store.append(id, rows.trials, rows.corruptions);
        before += rows.trials.size();
      }
    }
    EXPECT_GT(before, 0U);
    const Ran resumed = run_in(folder.path("a.db"), config);
    EXPECT_EQ(resumed.result.added, 3000 - before);
    EXPECT_EQ(resumed.rows, run_whole(config).rows);
  }
}

// What a campaign that was stopped in round `r` has: every sample was met by all rounds before.
TEST(WaveMemory, OfSeveralBlocksLeavesAStoppedCampaignWithAllSamples) {
  CampaignConfig config = in_several_blocks(lenet(10'000'000));
  config.run.max_time_s = 4;
  const Ran ran = run_in_time(config);
  ASSERT_EQ(ran.result.ending, Ending::out_of_time);
  const std::vector<std::uint64_t> trials = trials_by_sample(ran.rows, 64);
  const auto [least, most] = std::minmax_element(trials.begin(), trials.end());
  EXPECT_GT(*least, 0U);
  EXPECT_LT(*most, 12 * *least) << "of " << ran.result.stored << " trials";
}

// A campaign that grows in steps: every step enters every block again.
TEST(WaveMemory, OfACampaignThatGrowsGivesTheRowsOfOneRun) {
  const support::TempDir folder;
  CampaignConfig config = in_several_blocks(lenet());
  for (const std::uint64_t trials : {1, 700, 2000}) {
    config.campaign.trials = trials;
    run_in(folder.path("a.db"), config);
  }
  EXPECT_EQ(run_in(folder.path("a.db"), config).rows, run_whole(config).rows);
}

TEST(WaveMemory, MayChangeWhenTheCampaignGoesOn) {
  const support::TempDir folder;
  const std::string path = folder.path("a.db");
  CampaignConfig config = in_several_blocks(lenet(1000));
  run_in(path, config);
  config.run.memory = std::uint64_t{1} << 30U;
  config.campaign.trials = 2000;
  EXPECT_EQ(run_in(path, config).rows, run_whole(lenet(2000)).rows);
}

}  // namespace
}  // namespace softbeam::campaign
