#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadModel : public CommandLine {
 protected:
  // `run` and `inspect` say the same; exit code 1.
  std::string refused_model(const std::string& file) {
    const std::string message =
        refused(1, {"run", "--model.file", file, "--data.file", model("digits.npz"), "--store",
                    path("a.db"), "--campaign.trials", "10"});
    EXPECT_THAT(message, HasSubstr(std::filesystem::path(file).filename().string()));
    EXPECT_EQ(trials_in("a.db"), 0U);
    return message;
  }
  std::string refused_on_small(const std::string& name) {
    return refused(1, {"run", "--model.file", model(name), "--data.file", model("small.npz"),
                       "--store", path("a.db")});
  }
};

TEST_F(BadModel, MissingSaysSo) {
  EXPECT_THAT(refused_model(path("none.pt2")), HasSubstr("does not exist"));
  EXPECT_THAT(refused(1, {"inspect", path("none.pt2")}), HasSubstr("does not exist"));
}

TEST_F(BadModel, AFolderIsNone) { EXPECT_THAT(refused_model(path(".")), HasSubstr("directory")); }

TEST_F(BadModel, EmptySaysSo) {
  EXPECT_THAT(refused_model(model("bad_models/empty.pt2")), HasSubstr("empty"));
}

TEST_F(BadModel, TruncatedSaysSo) {
  EXPECT_THAT(refused_model(model("bad_models/truncated.pt2")), HasSubstr("truncated"));
}

TEST_F(BadModel, ForeignSaysWhatIsExpected) {
  EXPECT_THAT(refused_model(model("bad_models/text.pt2")),
              AllOf(HasSubstr(".pt2"), HasSubstr("tools/export_model.py")));
  EXPECT_THAT(refused_model(model("bad_models/other_zip.pt2")), HasSubstr("'letter.txt'"));
}

TEST_F(BadModel, ACheckpointIsNamedAsOne) {
  EXPECT_THAT(refused_model(model("bad_models/checkpoint.pth")),
              AllOf(HasSubstr("state_dict"), HasSubstr("tools/export_model.py")));
}

TEST_F(BadModel, ThatMixesSamplesNamesTheValue) {
  EXPECT_THAT(refused_on_small("mixes_samples.pt2"),
              AllOf(HasSubstr("'mean'"), HasSubstr("mixes")));
  EXPECT_THAT(refused_on_small("train_mode_bn.pt2"), AllOf(HasSubstr("'norm'"), HasSubstr("eval")));
}

TEST_F(BadModel, ThatIsRandomNamesTheValue) {
  EXPECT_THAT(refused_on_small("random_dropout.pt2"),
              AllOf(HasSubstr("'dropout'"), HasSubstr("two runs"), HasSubstr("eval"),
                    HasSubstr("--allow-nondeterministic")));
  EXPECT_THAT(output_of({"inspect", model("random_dropout.pt2")}), HasSubstr("CAUTION"));
}

TEST_F(BadModel, ThatIsRandomRunsWhereThatIsAllowed) {
  EXPECT_THAT(output_of({"run", "--model.file", model("random_dropout.pt2"), "--data.file",
                         model("small.npz"), "--store", path("a.db"), "--campaign.trials", "40",
                         "--allow-nondeterministic"}),
              AllOf(HasSubstr("40 of 40 trials"), HasSubstr("CAUTION")));
}

}  // namespace
}  // namespace softbeam::cli
