// run.verify: passes where all is well, and notices a window that is one pixel too short.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/error.h"
#include "tests/campaign/csv_rows.h"
#include "tests/support/configs.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using config::CampaignConfig;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

CampaignConfig verified(double share) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = 500;
  config.faults.sites = {"*"};
  config.run.verify = share;
  return config;
}

TEST(Verify, OfAllTrialsPassesAndSaysHowManyThereWere) {
  for (const auto where : {config::Where::neurons, config::Where::weights, config::Where::inputs}) {
    CampaignConfig config = verified(1.0);
    config.faults.where = where;
    if (where == config::Where::weights) config.campaign.samples_per_fault = 20;
    const Ran ran = run_whole(config);
    EXPECT_EQ(ran.note("verified"), "500 trials replayed as full inferences, all equal");
  }
}

TEST(Verify, OfAShareIsThatShareAndChangesNothing) {
  const Ran tenth = run_whole(verified(0.1));
  const std::uint64_t count = std::stoull(tenth.note("verified"));
  EXPECT_GT(count, 20U);
  EXPECT_LT(count, 90U);
  const Ran none = run_whole(verified(0));
  EXPECT_EQ(none.note("verified"), "");
  EXPECT_EQ(tenth.rows, none.rows);
}

TEST(Verify, FindsAWindowThatIsTooShortAndRecordsNothingOfIt) {
  const support::TempDir folder;
  const std::string path = folder.path("a.db");
  const run::WaveSettings wrong{.forms = run::FormChoice::crop, .planted_short_reach = 1};
  CampaignConfig config = verified(1.0);
  config.campaign.trials = 200;  // one unit
  config.run.threads = 1;
  const std::string message =
      support::message_of<RunError>([&] { run_in(path, config, {.wave = wrong}); });
  EXPECT_THAT(message, AllOf(HasSubstr("run.verify"), ContainsRegex("trial [0-9]+ differs"),
                             HasSubstr("--run.mode plain")));
  {
    const record::Store store = record::Store::open_for_reading(path);
    EXPECT_EQ(store.count(1), 0U);
    EXPECT_TRUE(store.notes(1).empty());
  }
  // The same campaign goes on where nothing is wrong.
  EXPECT_EQ(run_in(path, config).rows, run_whole(config).rows);
}

}  // namespace
}  // namespace softbeam::campaign
