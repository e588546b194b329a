#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadData : public CommandLine {
 protected:
  std::string refused_data(int exit_code, const std::string& file, const Arguments& more = {}) {
    Arguments all{"run",     "--model.file", model("lenet5.pt2"), "--data.file", file,
                  "--store", path("a.db"),   "--campaign.trials", "10"};
    all.insert(all.end(), more.begin(), more.end());
    const std::string message = refused(exit_code, all);
    EXPECT_THAT(message, HasSubstr(std::filesystem::path(file).filename().string()));
    EXPECT_EQ(trials_in("a.db"), 0U);
    return message;
  }
  std::string refused_case(int exit_code, const std::string& name) {
    return refused_data(exit_code, model("bad_data/" + name + ".npz"));
  }
};

TEST_F(BadData, MissingSaysSo) {
  EXPECT_THAT(refused_data(1, path("none.npz")), HasSubstr("no such file"));
}

TEST_F(BadData, EmptyOrTruncatedIsAFailure) {
  refused_case(1, "empty");
  refused_case(1, "truncated");
}

TEST_F(BadData, OfAnotherKindNamesThePackingTool) {
  EXPECT_THAT(refused_data(2, model("forms/plain.pt")), HasSubstr("tools/pack_data.py"));
}

TEST_F(BadData, OfAWrongShapeNamesBoth) {
  EXPECT_THAT(refused_case(2, "wrong_shape"), AllOf(HasSubstr("[1, 20, 20]"), HasSubstr("28")));
  EXPECT_THAT(refused_case(2, "wrong_channels"), HasSubstr("[3, 28, 28]"));
  EXPECT_THAT(refused_case(2, "not_batched"), HasSubstr("(28,)"));
}

TEST_F(BadData, OfAWrongTypeNamesIt) {
  EXPECT_THAT(refused_case(2, "strings"), HasSubstr("'images'"));
  EXPECT_THAT(refused_case(1, "complex"), HasSubstr("complex numbers"));
}

TEST_F(BadData, WithPickledObjectsIsRefused) {
  const support::Finished finished =
      softbeam({"run", "--model.file", model("lenet5.pt2"), "--data.file",
                model("bad_data/objects.npz"), "--store", path("a.db")});
  EXPECT_TRUE(finished.exit_code == 1 || finished.exit_code == 2) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("objects"));
}

TEST_F(BadData, WithNanSaysWhere) {
  EXPECT_THAT(refused_case(2, "nan"), AllOf(HasSubstr("NaN"), HasSubstr("sample 3")));
}

TEST_F(BadData, WithoutImagesOrSamplesSaysSo) {
  EXPECT_THAT(refused_case(2, "no_images"), AllOf(HasSubstr("'images'"), HasSubstr("pictures")));
  EXPECT_THAT(refused_case(2, "zero_images"), HasSubstr("empty"));
}

TEST_F(BadData, WithWrongLabelsSaysWhich) {
  EXPECT_THAT(refused_case(2, "label_out_of_range"),
              AllOf(HasSubstr("label 10"), HasSubstr("sample 5"), HasSubstr("10")));
  EXPECT_THAT(refused_case(2, "label_negative"), AllOf(HasSubstr("-1"), HasSubstr("sample 5")));
  EXPECT_THAT(refused_case(2, "label_count"), AllOf(HasSubstr("7"), HasSubstr("8")));
  EXPECT_THAT(refused_case(2, "labels_float"), HasSubstr("'labels'"));
}

TEST_F(BadData, LimitBeyondTheSamplesIsRefused) {
  EXPECT_THAT(refused_data(2, model("digits.npz"), {"--data.limit", "65"}),
              AllOf(HasSubstr("data.limit"), HasSubstr("65"), HasSubstr("64")));
}

TEST_F(BadData, WithoutLabelsIsNoneAtAllAndLeavesAccuracyEmpty) {
  const std::string out = output_of({"run", "--model.file", model("lenet5.pt2"), "--data.file",
                                     model("forms/no_labels.npz"), "--store", path("a.db"),
                                     "--campaign.trials", "10", "--json"});
  EXPECT_THAT(out, HasSubstr("\"accuracy\": null"));
}

}  // namespace
}  // namespace softbeam::cli
