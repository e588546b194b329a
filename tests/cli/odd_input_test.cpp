// Flags, files and streams as no manual shows them: refused with a reason, and nothing is lost.
#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class OddInput : public CommandLine {
 protected:
  void run_small(const std::string& store) {
    output_of(run_lenet5(store, {"--campaign.trials", "20", "--run.batch", "16"}));
  }
  static support::Finished shell(const std::string& line) {
    return support::run_program({.program = "/bin/sh", .arguments = {"-c", line}});
  }
};

TEST_F(OddInput, ExportNeverOverwritesItsStore) {
  run_small("a.db");
  std::filesystem::create_symlink(path("a.db"), path("link"));
  std::filesystem::create_hard_link(path("a.db"), path("b.csv.part"));
  const std::string before = bytes_of("a.db");
  for (const std::string out : {"a.db", "./a.db", "link", "b.csv"}) {
    EXPECT_THAT(refused(2, {"export", path("a.db"), "--out", path(out)}),
                AllOf(HasSubstr("--out"), HasSubstr("the store"), HasSubstr("a.db")));
  }
  EXPECT_TRUE(bytes_of("a.db") == before) << "the store has changed";
}

TEST_F(OddInput, PlanNeverOverwritesWhatItReads) {
  std::filesystem::copy(model("lenet5.pt2"), path("m.pt2"));
  std::filesystem::copy(model("digits.npz"), path("d.npz"));
  const std::string text =
      fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\n", path("m.pt2"), path("d.npz"));
  const std::string file = folder_.write("c.yaml", text);
  for (const std::string name : {"c.yaml", "m.pt2", "d.npz"}) {
    const std::string before = bytes_of(name);
    EXPECT_THAT(refused(2, {"plan", file, "--out", path(name)}), HasSubstr(name));
    EXPECT_TRUE(bytes_of(name) == before) << name;
  }
}

TEST_F(OddInput, AFailedOutputLeavesTheOldFileAndNoPart) {
  folder_.write("plan.json", "old");
  refused(2, lenet5("plan", {"--faults.sites", "convl", "--out", path("plan.json")}));
  EXPECT_EQ(bytes_of("plan.json"), "old");
  EXPECT_FALSE(std::filesystem::exists(path("plan.json.part")));
}

TEST_F(OddInput, APlanFileAndFlagsThatItReplacesDoNotGoTogether) {
  const std::string plan = folder_.write("plan.json", R"([{"sample":3,"corruptions":[]}])");
  for (const Arguments& flags :
       {Arguments{"--faults.bits", "3"}, Arguments{"--campaign.trials", "3"},
        Arguments{"--campaign.seed", "3"}, Arguments{"--campaign.trials_per_sample", "3"}}) {
    Arguments all = run_lenet5("a.db", flags);
    all.insert(all.end(), {"--plan", plan});
    EXPECT_THAT(refused(2, all), AllOf(HasSubstr(flags[0]), HasSubstr("--plan")));
  }
  const std::string file = folder_.write(
      "c.yaml", fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\nfaults: {{bits: [3]}}\n",
                            model("lenet5.pt2"), model("digits.npz")));
  const support::Finished run = softbeam({"run", file, "--store", path("a.db"), "--plan", plan});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, AllOf(HasSubstr("not used"), HasSubstr("faults.bits")));
}

TEST_F(OddInput, EmptyValuesAreRefused) {
  for (const std::string flag : {"--store", "--plan", "--by"}) {
    EXPECT_THAT(refused(2, lenet5("run", {flag, ""})), AllOf(HasSubstr(flag), HasSubstr("empty")));
  }
  EXPECT_THAT(refused(2, {"export", "a.db", "--out", ""}), HasSubstr("--out"));
  EXPECT_THAT(refused(2, {"report", ""}), HasSubstr("STORE"));
}

TEST_F(OddInput, NumbersOfFlagsArePlainDigits) {
  for (const std::string number : {"0", "0x10", "1e3", "+5", "010", "-1", "18446744073709551616"}) {
    EXPECT_THAT(refused(2, lenet5("plan", {"--count", number})),
                AllOf(HasSubstr("--count"), HasSubstr("'" + number + "'")));
    EXPECT_THAT(refused(2, {"inspect", model("lenet5.pt2"), "--input-shape", "1,28," + number}),
                HasSubstr("--input-shape"));
  }
  run_small("a.db");
  EXPECT_THAT(refused(2, {"report", path("a.db"), "--campaign", "0"}), HasSubstr("--campaign"));
  EXPECT_THAT(refused(2, {"report", path("a.db"), "--confidence", "0.9999999999999"}),
              HasSubstr("too close to 1"));
  EXPECT_THAT(refused(2, {"report", path("a.db"), "--json=5x"}), HasSubstr("takes no value"));
}

TEST_F(OddInput, ShapesThatFitNoMemoryOrModelAreRefused) {
  EXPECT_THAT(refused(2, {"inspect", model("lenet5.pt2"), "--input-shape", "1,99999,99999"}),
              HasSubstr("too large"));
  EXPECT_THAT(refused(2, {"inspect", model("lenet5.pt2"), "--input-shape", "1,20,20"}),
              AllOf(HasSubstr("--input-shape"), HasSubstr("[1, 28, 28]")));
}

TEST_F(OddInput, FlagsBeforeTheCommandAreNamed) {
  EXPECT_THAT(refused(2, {"--bogus"}), HasSubstr("unknown flag '--bogus'"));
  EXPECT_THAT(refused(2, {"--versoin"}), HasSubstr("did you mean '--version'?"));
  EXPECT_THAT(refused(2, {"--json", "report", "a.db"}), HasSubstr("softbeam report ... --json"));
}

TEST_F(OddInput, AListThatHoldsItselfIsRefused) {
  EXPECT_THAT(refused(2, {"run", folder_.write("c.yaml", "faults: {sites: &a [*a]}\n")}),
              AllOf(HasSubstr("c.yaml:1"), HasSubstr("aliases")));
}

TEST_F(OddInput, HelpThatCannotBeWrittenIsAFailure) {
  EXPECT_EQ(shell(SB_PROGRAM " --help > /dev/full").exit_code, 1);
  EXPECT_EQ(shell(SB_PROGRAM " run --help > /dev/full").exit_code, 1);
}

TEST_F(OddInput, ClosedStreamsDoNotReachTheStore) {
  const std::string run = fmt::format(
      "{} run --model.file {} --data.file {} --campaign.trials 100000000 --run.max_time 1 "
      "--store {}",
      SB_PROGRAM, model("lenet5.pt2"), model("digits.npz"), path("a.db"));
  EXPECT_EQ(shell(run + " > /dev/null 2>&- <&-").exit_code, 0);
  EXPECT_EQ(shell(run + " > /dev/null 2> /dev/full").exit_code, 0);
  EXPECT_EQ(shell(run + " >&- 2>&- <&-").exit_code, 1);
  EXPECT_GT(trials_in("a.db"), 0U);
}

TEST_F(OddInput, AnIgnoredControlCStaysIgnored) {
  const support::Finished finished = shell(
      fmt::format("trap '' INT; {} run --model.file {} --data.file {} --campaign.trials 100000000 "
                  "--run.max_time 2 --store {} & sleep 1; kill -INT $!; wait $!",
                  SB_PROGRAM, model("lenet5.pt2"), model("digits.npz"), path("a.db")));
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_THAT(finished.err, HasSubstr("run.max_time is over"));
}

TEST_F(OddInput, DoctorSpeaksJson) {
  EXPECT_THAT(output_of({"doctor", "--json"}), HasSubstr("\"passed\": true"));
}

}  // namespace
}  // namespace softbeam::cli
