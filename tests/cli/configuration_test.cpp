#include "host/config/load.h"
#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Configuration : public CommandLine {
 protected:
  std::string campaign(const std::string& more) {
    return folder_.write("campaign.yaml",
                         fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\n{}",
                                     model("lenet5.pt2"), model("digits.npz"), more));
  }
  std::string refused_file(const std::string& more) {
    return refused(2, {"run", campaign(more), "--store", path("a.db")});
  }
};

TEST_F(Configuration, UnknownKeyNamesTheKeyAndTheFile) {
  EXPECT_THAT(refused_file("campaign: {trails: 5}\n"),
              AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("'campaign.trails'"),
                    HasSubstr("did you mean 'campaign.trials'?")));
}

TEST_F(Configuration, DuplicateKeyNamesTheLine) {
  EXPECT_THAT(refused_file("campaign:\n  seed: 1\n  seed: 2\n"),
              AllOf(HasSubstr("campaign.yaml:5"), HasSubstr("second time")));
}

TEST_F(Configuration, KeysThatAreNotBuiltYetSaySo) {
  EXPECT_THAT(refused_file("campaign: {margin: 0.005}\n"),
              AllOf(HasSubstr("campaign.yaml:3"), HasSubstr("not built yet")));
}

TEST_F(Configuration, ARefusedCampaignLeavesNoStore) {
  refused_file("campaign: {trials: 0}\n");
  EXPECT_FALSE(std::filesystem::exists(path("a.db")));
}

TEST_F(Configuration, DumpedItReadsBackToTheSame) {
  const std::string file = campaign("faults: {what: set, value: 0.1, sites: [conv1]}\n");
  const std::string dumped = output_of({"run", file, "--dump-config", "--campaign.seed", "18"});
  const std::string again = folder_.write("again.yaml", dumped);
  EXPECT_EQ(output_of({"run", again, "--dump-config"}), dumped);
  const auto loaded = config::load(again, {});
  EXPECT_EQ(loaded, config::load(file, {{"campaign.seed", "18"}}));
  EXPECT_EQ(loaded.faults.value, 0.1);
}

TEST_F(Configuration, DumpingWritesNoStoreAndNeedsNone) {
  EXPECT_THAT(output_of({"plan", campaign(""), "--dump-config"}), HasSubstr("trials: 10000"));
  output_of({"run", campaign(""), "--dump-config", "--store", path("a.db")});
  EXPECT_FALSE(std::filesystem::exists(path("a.db")));
}

TEST_F(Configuration, IsReadFromStandardInput) {
  support::Launch from_stdin = launch({"run", "-", "--dump-config"});
  from_stdin.input = "model: {file: m.pt2}\ndata: {file: d.npz}\ncampaign: {seed: 77}\n";
  EXPECT_THAT(support::run_program(from_stdin).out, HasSubstr("seed: 77"));
}

TEST_F(Configuration, FileAndFlagsAreTwoSpellingsOfOneCampaign) {
  const std::string file = campaign(
      "faults: {where: weights, bits: [30], what: stuck_at_1}\n"
      "campaign: {trials: 12, samples_per_fault: 4, seed: 3}\n");
  output_of({"run", file, "--store", path("file.db")});
  output_of(run_lenet5("flags.db", {"--faults.where", "weights", "--faults.bits", "30",
                                    "--faults.what", "stuck_at_1", "--campaign.trials", "12",
                                    "--campaign.samples_per_fault", "4", "--campaign.seed", "3"}));
  EXPECT_EQ(exported("file.db"), exported("flags.db"));
}

TEST_F(Configuration, PathsAreRelativeToTheWorkingDirectory) {
  std::filesystem::create_symlink(model("lenet5.pt2"), path("m.pt2"));
  std::filesystem::create_symlink(model("digits.npz"), path("d.npz"));
  support::Launch here = launch({"run", "--model.file", "m.pt2", "--data.file", "d.npz", "--store",
                                 "here.db", "--campaign.trials", "10"});
  here.folder = path(".");
  EXPECT_EQ(support::run_program(here).exit_code, 0);
  EXPECT_EQ(trials_in("here.db"), 10U);
}

TEST_F(Configuration, NondeterministicModelsAreAllowedByASwitchOrByTheKey) {
  const auto dumped = [](const Arguments& flags) {
    Arguments all = lenet5("run", {"--dump-config"});
    all.insert(all.end(), flags.begin(), flags.end());
    return output_of(all);
  };
  EXPECT_THAT(dumped({}), HasSubstr("allow_nondeterministic: false"));
  EXPECT_THAT(dumped({"--allow-nondeterministic"}), HasSubstr("allow_nondeterministic: true"));
  EXPECT_THAT(dumped({"--run.allow_nondeterministic", "true"}),
              HasSubstr("allow_nondeterministic: true"));
  EXPECT_THAT(refused(2, lenet5("run", {"--allow-nondeterministic", "--run.allow_nondeterministic",
                                        "false"})),
              HasSubstr("remove one of the two"));
}

}  // namespace
}  // namespace softbeam::cli
