// The promise of the store, on the whole program: killed at fifty random moments, it ends with the
// rows of a run that nobody disturbed.
#include <signal.h>

#include <random>
#include <thread>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

class Kill : public CommandLine {
 protected:
  static constexpr int kills = 50;
  static constexpr std::uint64_t trials = 120000;
  // One in ten dies before its first commit: while libraries, model and store are being opened.
  static constexpr double early_share = 0.1;

  Arguments campaign(const std::string& store) {
    return run_lenet5(
        store, {"--campaign.trials", std::to_string(trials), "--run.batch", "16", "--run.mode",
                "plain", "--run.threads", "1", "--faults.bits", "exponent"});
  }

  // Waits until the process has committed something, or is over.
  void wait_for_a_commit(support::Process& process, const std::string& store,
                         std::uint64_t before) {
    while (process.running() && trials_in(store) == before) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  // Of an undisturbed run: seconds until its first commit, and from there to its end.
  std::pair<Seconds, Seconds> measure(const std::string& store) {
    const auto start = Clock::now();
    support::Process process(launch(campaign(store)));
    wait_for_a_commit(process, store, 0);
    const auto first_commit = Clock::now();
    EXPECT_EQ(process.wait().exit_code, 0);
    return {first_commit - start, Clock::now() - first_commit};
  }
};

TEST_F(Kill, AtFiftyRandomMomentsLosesNoTrialAndHasNoneTwice) {
  constexpr std::uint64_t seed = 20260131;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  const auto [opening, working] = measure("whole.db");

  int between = 0;  // kills between the first and the last commit, as the rows say
  int at_work = 0;  // those whose process had itself committed rows
  for (int k = 0; k < kills; ++k) {
    const std::uint64_t before = trials_in("killed.db");
    support::Process process(launch(campaign("killed.db")));
    if (unit(random) < early_share) {
      std::this_thread::sleep_for(unit(random) * opening);
    } else {
      wait_for_a_commit(process, "killed.db", before);
      // On average the kills together leave four tenths of the work undone.
      std::this_thread::sleep_for(unit(random) * working * (4.0 / 3 / kills));
    }
    process.send(SIGKILL);
    process.wait();
    const std::uint64_t after = trials_in("killed.db");
    ASSERT_GE(after, before);
    between += after > 0 && after < trials;
    at_work += after > before && after < trials;
  }
  RecordProperty("between_first_and_last_commit", between);
  RecordProperty("after_a_commit_of_their_own", at_work);
  EXPECT_GE(between, kills * 8 / 10);
  EXPECT_GE(at_work, kills * 8 / 10);

  output_of(campaign("killed.db"));
  EXPECT_EQ(trials_in("killed.db"), trials);
  EXPECT_TRUE(exported("killed.db") == exported("whole.db")) << "the rows differ";
}

TEST_F(Kill, WhileASweepRunsLosesNothing) {
  const std::string file = folder_.write(
      "sweep.yaml",
      fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\nrun: {{batch: 16, threads: 1}}\n"
                  "campaign: {{trials: 6000}}\nsweep: {{faults.bits: [[30], [0]]}}\n",
                  model("lenet5.pt2"), model("digits.npz")));
  output_of({"sweep", file, "--store", path("whole.db")});
  for (int k = 0; k < 4; ++k) {
    support::Process process(launch({"sweep", file, "--store", path("killed.db")}));
    wait_for_a_commit(process, "killed.db", trials_in("killed.db"));
    process.send(SIGKILL);
    process.wait();
  }
  output_of({"sweep", file, "--store", path("killed.db")});
  for (const std::string campaign : {"1", "2"}) {
    EXPECT_TRUE(output_of({"export", path("killed.db"), "--campaign", campaign}) ==
                output_of({"export", path("whole.db"), "--campaign", campaign}));
  }
}

}  // namespace
}  // namespace softbeam::cli
