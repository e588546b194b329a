#include <signal.h>

#include <thread>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Signal : public CommandLine {
 protected:
  Arguments campaign(const std::string& store, std::uint64_t trials) {
    return run_lenet5(store, {"--campaign.trials", std::to_string(trials), "--run.batch", "16",
                              "--run.threads", "1"});
  }

  // Sends the signal once trials are in the store; everything must be in order after it.
  void stop_and_go_on(int signal) {
    support::Process process(launch(campaign("a.db", 100000000)));
    while (trials_in("a.db") == 0 && process.running()) std::this_thread::sleep_for(5ms);
    process.send(signal);
    const support::Finished finished = process.wait();
    EXPECT_EQ(finished.exit_code, 130) << finished.err;
    EXPECT_THAT(finished.err, HasSubstr("stopped"));
    EXPECT_THAT(finished.out, HasSubstr("of 100000000 trials done"));
    EXPECT_FALSE(std::filesystem::exists(path("a.db-wal")));
    EXPECT_FALSE(std::filesystem::exists(path("a.db.lock")));
  }
};

TEST_F(Signal, ControlCEndsAfterTheChunkWith130) {
  stop_and_go_on(SIGINT);
  EXPECT_GT(trials_in("a.db"), 0U);
  EXPECT_EQ(trials_in("a.db") % 16, 0U);
}

TEST_F(Signal, TerminateEndsAfterTheChunkWith130) {
  stop_and_go_on(SIGTERM);
  EXPECT_EQ(trials_in("a.db") % 16, 0U);
}

TEST_F(Signal, AfterControlCTheSameCommandFinishes) {
  const std::uint64_t trials = 150000;
  support::Process process(launch(campaign("a.db", trials)));
  while (trials_in("a.db") == 0 && process.running()) std::this_thread::sleep_for(1ms);
  process.send(SIGINT);
  process.wait();
  EXPECT_LT(trials_in("a.db"), trials);
  output_of(campaign("a.db", trials));
  output_of(campaign("whole.db", trials));
  EXPECT_EQ(exported("a.db"), exported("whole.db"));
}

TEST_F(Signal, BeforeTheFirstTrialLeavesAStoreThatGoesOn) {
  support::Process process(launch(campaign("a.db", 200)));
  while (!std::filesystem::exists(path("a.db.lock")) && process.running()) {
    std::this_thread::sleep_for(1ms);
  }
  process.send(SIGINT);
  const support::Finished finished = process.wait();
  EXPECT_TRUE(finished.exit_code == 130 || finished.exit_code == 0) << finished.err;
  output_of(campaign("a.db", 200));
  EXPECT_EQ(trials_in("a.db"), 200U);
}

TEST_F(Signal, ASweepStopsAsAWholeAndGoesOn) {
  const std::string file = folder_.write(
      "sweep.yaml",
      fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\nrun: {{batch: 16, threads: 1}}\n"
                  "campaign: {{trials: 20000}}\nsweep: {{faults.bits: [[30], [0]]}}\n",
                  model("lenet5.pt2"), model("digits.npz")));
  const Arguments sweep{"sweep", file, "--store", path("a.db")};
  support::Process process(launch(sweep));
  while (trials_in("a.db") == 0 && process.running()) std::this_thread::sleep_for(1ms);
  process.send(SIGTERM);
  EXPECT_EQ(process.wait().exit_code, 130);
  output_of(sweep);
  EXPECT_THAT(output_of({"report", path("a.db"), "--json", "--campaign", "2"}),
              HasSubstr("\"trials\": 20000"));
}

}  // namespace
}  // namespace softbeam::cli
