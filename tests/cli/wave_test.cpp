// Wave mode as a user meets it: its keys as flags, its notes in reports.
#include <nlohmann/json.hpp>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

class WaveMode : public CommandLine {
 protected:
  // The report's "execution".
  nlohmann::json execution(const std::string& store) {
    return nlohmann::json::parse(output_of({"report", path(store), "--json"}))["execution"];
  }
};

TEST_F(WaveMode, IsTheDefaultAndPlainModeAFlag) {
  EXPECT_THAT(output_of(run_lenet5("wave.db", {"--campaign.trials", "300"})),
              AllOf(HasSubstr("How it was run"), ContainsRegex("mode +wave")));
  output_of(run_lenet5("plain.db", {"--campaign.trials", "300", "--run.mode", "plain"}));
  EXPECT_EQ(execution("wave.db")["mode"], "wave");
  EXPECT_EQ(execution("plain.db")["mode"], "plain");
  EXPECT_NE(exported("wave.db"), exported("plain.db"));  // the depth of masked trials
}

TEST_F(WaveMode, OfAnotherNameIsRefused) {
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--run.mode", "waves"})),
              AllOf(HasSubstr("run.mode"), HasSubstr("wave")));
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--run.verify", "2"})), HasSubstr("run.verify"));
}

TEST_F(WaveMode, OfAStoreThatWasBegunInTheOtherIsRefused) {
  output_of(run_lenet5("a.db", {"--campaign.trials", "100", "--run.mode", "plain"}));
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--campaign.trials", "200"})),
              HasSubstr("run.mode: plain -> wave"));
}

TEST_F(WaveMode, WithTooLittleMemorySaysHowMuchIsNeededAndRecordsNothing) {
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--run.memory", "1KiB"})),
              AllOf(HasSubstr("run.memory"), HasSubstr("at least 1MiB")));
  EXPECT_FALSE(std::filesystem::exists(path("a.db")));
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--run.memory", "1MiB"})),
              AllOf(HasSubstr("run.memory"), HasSubstr("MiB are needed"),
                    HasSubstr("run.threads or run.batch"), HasSubstr("run.mode: plain")));
  EXPECT_EQ(trials_in("a.db"), 0U);
  // The store is none the worse for it.
  output_of(run_lenet5("a.db", {"--campaign.trials", "10000"}));
  EXPECT_EQ(trials_in("a.db"), 10000U);
}

TEST_F(WaveMode, VerifiedSaysHowManyTrialsWereReplayed) {
  EXPECT_THAT(output_of(run_lenet5("a.db", {"--campaign.trials", "100", "--run.verify", "1"})),
              ContainsRegex("verified +100 trials replayed as full inferences, all equal"));
}

TEST_F(WaveMode, NotesOfACompleteCampaignStayWhenItIsRunAgain) {
  const Arguments verified{"--campaign.trials", "100", "--run.verify", "1"};
  output_of(run_lenet5("a.db", verified));
  const nlohmann::json before = execution("a.db");
  output_of(run_lenet5("a.db", verified));
  EXPECT_EQ(execution("a.db"), before);
  output_of(run_lenet5("a.db", {"--campaign.trials", "100"}));
  EXPECT_EQ(execution("a.db"), before);
}

}  // namespace
}  // namespace softbeam::cli
