// What a campaign takes of the machine's memory, as the system counts it.
#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

constexpr std::uint64_t mib = 1 << 20;

class Memory : public CommandLine {
 protected:
  // Peak of resident memory; the campaign must end well.
  std::uint64_t peak(const std::string& store, const Arguments& subject, const Arguments& more) {
    Arguments all{"run", "--store", path(store), "--run.threads", "2", "--faults.sites", "*"};
    all.insert(all.end(), subject.begin(), subject.end());
    all.insert(all.end(), more.begin(), more.end());
    const support::Finished finished = softbeam(all);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return finished.peak_bytes;
  }
  void expect_within(const Arguments& subject, const std::string& trials, std::uint64_t memory) {
    // One trial in plain mode loads the model and the data, and runs golden.
    const std::uint64_t base =
        peak("base.db", subject, {"--campaign.trials", "1", "--run.mode", "plain"});
    const std::uint64_t all =
        peak("all.db", subject,
             {"--campaign.trials", trials, "--run.memory", fmt::format("{}MiB", memory / mib)});
    std::printf("%lu MiB at rest, %lu MiB more in the wave, of %lu MiB\n", base / mib,
                (all - std::min(all, base)) / mib, memory / mib);
    EXPECT_LE(all, base + memory);
  }
};

TEST_F(Memory, OfOneHundredThousandTrialsStaysWithinTheBudget) {
  expect_within({"--model.file", model("lenet5.pt2"), "--data.file", model("digits.npz"),
                 "--run.batch", "64"},
                "100000", 64 * mib);
}

TEST_F(Memory, OfAResidualNetworkStaysWithinTheBudget) {
  expect_within({"--model.file", model("resnet18.pt2"), "--data.file", model("photos64.npz"),
                 "--run.batch", "4"},
                "400", 96 * mib);
}

}  // namespace
}  // namespace softbeam::cli
