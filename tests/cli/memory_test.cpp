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
    const std::uint64_t base = peak(fmt::format("base{}.db", runs_), subject,
                                    {"--campaign.trials", "1", "--run.mode", "plain"});
    const std::uint64_t all =
        peak(fmt::format("all{}.db", runs_++), subject,
             {"--campaign.trials", trials, "--run.memory", fmt::format("{}MiB", memory / mib)});
    std::printf("%lu MiB at rest, %lu MiB more in the wave, of %lu MiB\n", base / mib,
                (all - std::min(all, base)) / mib, memory / mib);
    EXPECT_LE(all, base + memory);
  }

  int runs_ = 0;
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

// The window of such a fault reaches from the first of its words to the last.
TEST_F(Memory, OfSeveralCorruptionsAFaultStaysWithinTheBudget) {
  for (const char* count : {"2", "8"}) {
    expect_within({"--model.file", model("resnet18.pt2"), "--data.file", model("photos64.npz"),
                   "--run.batch", "4", "--faults.count", count},
                  "400", 96 * mib);
  }
}

TEST_F(Memory, OfLayersWithManyProofsStaysWithinTheBudget) {
  for (const char* count : {"1", "8"}) {
    expect_within({"--model.file", model("efficientnet_lite0.pt2"), "--data.file",
                   model("photos224.npz"), "--run.batch", "4", "--faults.count", count},
                  "60", 400 * mib);
  }
}

// A dense step reads them whole: 6 MiB a row.
TEST_F(Memory, OfLargeImagesAtADenseStepStaysWithinTheBudget) {
  for (const char* count : {"1", "2"}) {
    expect_within({"--model.file", model("pointwise.pt2"), "--data.file", model("photos224.npz"),
                   "--run.batch", "4", "--faults.count", count},
                  "400", 512 * mib);
  }
}

}  // namespace
}  // namespace softbeam::cli
