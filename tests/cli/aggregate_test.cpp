// campaign.record: aggregate, on the whole program.
#include <signal.h>

#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

class AggregateCommand : public CommandLine {
 protected:
  Arguments counting(const std::string& store, std::uint64_t trials, const Arguments& more = {}) {
    Arguments all = run_lenet5(
        store, {"--campaign.trials", std::to_string(trials), "--campaign.record", "aggregate",
                "--campaign.keep", "50", "--run.threads", "1", "--run.batch", "16"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  // But for the moment and what says how it is recorded.
  static json comparable(json report) {
    for (const char* key : {"config", "started", "record", "kept", "label", "id"}) {
      report["campaign"].erase(key);
    }
    report.erase("execution");
    return report;
  }
  json report(const std::string& store) {
    return comparable(
        json::parse(output_of({"report", path(store), "--json", "--by", "site,bit"})));
  }
  // Everything that such a store says.
  void expect_equal(const std::string& a, const std::string& b) {
    EXPECT_EQ(report(a), report(b));
    EXPECT_EQ(exported(a), exported(b));
    EXPECT_EQ(record::Store::open_for_reading(path(a)).totals(1).counts,
              record::Store::open_for_reading(path(b)).totals(1).counts);
  }
  void wait_for_a_commit(support::Process& process, const std::string& store,
                         std::uint64_t before) {
    while (process.running() && trials_in(store) == before) std::this_thread::sleep_for(2ms);
  }
};

TEST_F(AggregateCommand, ReportsWhatRowsReport) {
  output_of(counting("counts.db", 2000));
  output_of(run_lenet5("rows.db",
                       {"--campaign.trials", "2000", "--run.threads", "1", "--run.batch", "16"}));
  EXPECT_EQ(report("counts.db"), report("rows.db"));
  EXPECT_THAT(output_of({"report", path("counts.db")}),
              AllOf(HasSubstr("2000 of 2000 trials done"), HasSubstr("50 of them are rows")));
}

TEST_F(AggregateCommand, ExportSaysThatOnlySomeTrialsAreRows) {
  output_of(counting("counts.db", 2000));
  const support::Finished all = softbeam({"export", path("counts.db"), "--csv"});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_EQ(std::count(all.out.begin(), all.out.end(), '\n'), 51);
  EXPECT_THAT(all.err, AllOf(HasSubstr("only 50 of 2000 trials are rows"),
                             HasSubstr("campaign.record"), HasSubstr("softbeam report")));
  const support::Finished file =
      softbeam({"export", path("counts.db"), "--csv", "--out", path("a.csv")});
  EXPECT_EQ(file.err, all.err);
  EXPECT_EQ(bytes_of("a.csv"), all.out);
  output_of(run_lenet5("rows.db", {"--campaign.trials", "20"}));
  EXPECT_EQ(softbeam({"export", path("rows.db"), "--csv"}).err, "");
}

TEST_F(AggregateCommand, ReplaysAnyTrialThatItHas) {
  output_of(counting("a.db", 2000));
  std::istringstream lines(exported("a.db"));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  const std::string kept = line.substr(0, line.find(','));
  const json replay = json::parse(output_of({"replay", path("a.db"), "--trial", kept, "--json"}));
  EXPECT_EQ(replay["equal"], true);
  EXPECT_EQ(replay["recorded"], replay["replayed"]);
  const json counted =
      json::parse(output_of({"replay", path("a.db"), "--trial", "1999", "--json"}));
  EXPECT_TRUE(counted["equal"].is_null());
  EXPECT_TRUE(counted["recorded"].is_null());
  EXPECT_EQ(counted["words"].size(), 1U);
  EXPECT_THAT(output_of({"replay", path("a.db"), "--trial", "1999"}),
              HasSubstr("the record counts this trial"));
  EXPECT_THAT(refused(2, {"replay", path("a.db"), "--trial", "2000"}), HasSubstr("no such trial"));
}

TEST_F(AggregateCommand, KilledAtRandomMomentsLosesNoTrialAndCountsNoneTwice) {
  constexpr std::uint64_t seed = 20260212;
  constexpr int kills = 12;
  constexpr std::uint64_t trials = 1'000'000;
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  const auto start = Clock::now();
  output_of(counting("whole.db", trials));
  const std::chrono::duration<double> whole = Clock::now() - start;
  int at_work = 0;  // kills of a process that had itself committed trials, and had some left
  for (int k = 0; k < kills; ++k) {
    const std::uint64_t before = trials_in("killed.db");
    support::Process process(launch(counting("killed.db", trials)));
    if (k > 0) wait_for_a_commit(process, "killed.db", before);
    std::this_thread::sleep_for(unit(random) * whole / (4 * kills));
    process.send(SIGKILL);
    process.wait();
    const std::uint64_t after = trials_in("killed.db");
    ASSERT_GE(after, before);
    at_work += after > before && after < trials ? 1 : 0;
  }
  RecordProperty("at_work", at_work);
  EXPECT_GE(at_work, 3);
  output_of(counting("killed.db", trials));
  EXPECT_EQ(trials_in("killed.db"), trials);
  expect_equal("killed.db", "whole.db");
}

TEST_F(AggregateCommand, StoppedByControlCGoesOn) {
  support::Process process(launch(counting("a.db", 100'000'000)));
  wait_for_a_commit(process, "a.db", 0);
  process.send(SIGINT);
  const support::Finished finished = process.wait();
  EXPECT_EQ(finished.exit_code, 130) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("stopped"));
  const std::uint64_t stopped = trials_in("a.db");
  EXPECT_GT(stopped, 0U);
  EXPECT_THAT(finished.out, HasSubstr(fmt::format("{} of 100000000 trials done", stopped)));
  EXPECT_FALSE(std::filesystem::exists(path("a.db-wal")));
  const support::Finished more = softbeam(counting("a.db", 100'000'000, {"--max-time", "1"}));
  EXPECT_EQ(more.exit_code, 0) << more.err;
  EXPECT_GT(trials_in("a.db"), stopped);
}

TEST_F(AggregateCommand, GrowsAndEqualsOneRun) {
  for (const Arguments& faults : {Arguments{}, Arguments{"--faults.where", "weights",
                                                         "--campaign.samples_per_fault", "20"}}) {
    for (const std::uint64_t trials : {70, 71, 2000})
      output_of(counting("grown.db", trials, faults));
    output_of(counting("whole.db", 2000, faults));
    expect_equal("grown.db", "whole.db");
    std::filesystem::remove(path("grown.db"));
    std::filesystem::remove(path("whole.db"));
  }
}

TEST_F(AggregateCommand, IsAValueOfASweepBesideRows) {
  const std::string file = folder_.write(
      "sweep.yaml",
      fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\nrun: {{batch: 16}}\n"
                  "campaign: {{trials: 3000}}\nsweep: {{campaign.record: [trials, aggregate]}}\n",
                  model("lenet5.pt2"), model("digits.npz")));
  const json both = json::parse(output_of({"sweep", file, "--store", path("a.db"), "--json"}));
  ASSERT_EQ(both["campaigns"].size(), 2U);
  EXPECT_EQ(both["campaigns"][0]["campaign"]["record"], "trials");
  EXPECT_EQ(both["campaigns"][1]["campaign"]["record"], "aggregate");
  EXPECT_EQ(comparable(both["campaigns"][0]), comparable(both["campaigns"][1]));
  EXPECT_EQ(json::parse(output_of({"sweep", file, "--store", path("a.db"), "--json"})), both);
}

TEST_F(AggregateCommand, IsMeasuredByBench) {
  const json bench =
      json::parse(output_of({"bench", model("lenet5.pt2"), "--data", model("digits.npz"),
                             "--seconds", "0.1", "--plain-trials", "64", "--campaign.trials", "512",
                             "--campaign.record", "aggregate", "--json"}));
  EXPECT_EQ(bench["wave"]["trials"], 512);
  EXPECT_EQ(bench["plain"]["trials"], 64);
}

TEST_F(AggregateCommand, RefusesWhatItCannotBe) {
  output_of(counting("counts.db", 100));
  output_of(run_lenet5("rows.db",
                       {"--campaign.trials", "100", "--run.threads", "1", "--run.batch", "16"}));
  EXPECT_THAT(refused(2, counting("rows.db", 100)),
              AllOf(HasSubstr("rows.db"), HasSubstr("campaign.record: trials -> aggregate"),
                    HasSubstr("--store")));
  EXPECT_THAT(refused(2, run_lenet5("counts.db", {"--campaign.trials", "100", "--run.threads", "1",
                                                  "--run.batch", "16"})),
              HasSubstr("campaign.record: aggregate -> trials"));
  EXPECT_THAT(refused(2, run_lenet5("new.db", {"--campaign.keep", "5"})),
              AllOf(HasSubstr("--campaign.keep"), HasSubstr("use `record: aggregate`")));
  const std::string plan = folder_.write("plan.json", R"([{"sample":0,"corruptions":[]}])");
  EXPECT_THAT(refused(2, run_lenet5("new.db", {"--campaign.record", "aggregate", "--plan", plan})),
              AllOf(HasSubstr("campaign.record"), HasSubstr("plan.json")));
}

}  // namespace
}  // namespace softbeam::cli
