#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::HasSubstr;

class Resume : public CommandLine {
 protected:
  void run(const std::string& store, const std::string& trials, const Arguments& more = {}) {
    Arguments all = run_lenet5(store, {"--campaign.trials", trials, "--run.batch", "32"});
    all.insert(all.end(), more.begin(), more.end());
    output_of(all);
  }
};

TEST_F(Resume, GrowingTheTrialsContinuesAndEqualsOneRun) {
  run("grown.db", "70");
  EXPECT_EQ(trials_in("grown.db"), 70U);
  run("grown.db", "71");
  run("grown.db", "400");
  run("whole.db", "400");
  EXPECT_EQ(exported("grown.db"), exported("whole.db"));
}

TEST_F(Resume, GrowingAWeightCampaignWithinAFaultEqualsOneRun) {
  const Arguments weights{"--faults.where", "weights", "--campaign.samples_per_fault", "20"};
  run("grown.db", "25", weights);
  run("grown.db", "47", weights);
  run("grown.db", "100", weights);
  run("whole.db", "100", weights);
  EXPECT_EQ(exported("grown.db"), exported("whole.db"));
}

TEST_F(Resume, ACompleteStoreIsReportedAgain) {
  run("a.db", "100");
  const std::string before = exported("a.db");
  run("a.db", "100");
  EXPECT_EQ(exported("a.db"), before);
}

TEST_F(Resume, ConfidenceAndPathsMayChange) {
  run("a.db", "50");
  std::filesystem::copy(model("lenet5.pt2"), path("copy.pt2"));
  const support::Finished finished =
      softbeam({"run", "--model.file", path("copy.pt2"), "--data.file", model("digits.npz"),
                "--campaign.trials", "60", "--run.batch", "32", "--campaign.confidence", "0.9",
                "--store", path("a.db")});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(trials_in("a.db"), 60U);
}

TEST_F(Resume, MaxTimeEndsCleanlyAndTheSameCommandGoesOn) {
  const Arguments slow{"--campaign.trials", "100000000", "--run.batch", "32", "--max-time", "1"};
  const support::Finished first = softbeam(run_lenet5("a.db", slow));
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_THAT(first.err, HasSubstr("max_time"));
  EXPECT_THAT(first.out, HasSubstr("of 100000000 trials done"));
  const std::uint64_t after_first = trials_in("a.db");
  EXPECT_GT(after_first, 0U);
  EXPECT_FALSE(std::filesystem::exists(path("a.db-wal")));
  EXPECT_EQ(softbeam(run_lenet5("a.db", slow)).exit_code, 0);
  EXPECT_GT(trials_in("a.db"), after_first);
}

TEST_F(Resume, DoesNotDependOnTheNumberOfThreads) {
  run("one.db", "300", {"--run.threads", "1"});
  run("three.db", "300", {"--run.threads", "3"});
  EXPECT_EQ(exported("one.db"), exported("three.db"));
}

TEST_F(Resume, TwoWritersAtATimeAreRefused) {
  support::Launch first = launch(run_lenet5(
      "a.db", {"--campaign.trials", "100000000", "--run.batch", "32", "--max-time", "20"}));
  support::Process running(first);
  while (!std::filesystem::exists(path("a.db.lock")) && running.running()) {
  }
  const support::Finished second = softbeam(run_lenet5("a.db", {"--run.batch", "32"}));
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, testing::AllOf(HasSubstr("a.db"), HasSubstr("process")));
}

}  // namespace
}  // namespace softbeam::cli
