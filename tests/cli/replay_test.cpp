#include <nlohmann/json.hpp>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ReplayCommand : public CommandLine {
 protected:
  void expect_equal(const std::string& store, int trial) {
    const auto replay = nlohmann::json::parse(
        output_of({"replay", path(store), "--trial", std::to_string(trial), "--json"}));
    EXPECT_EQ(replay["equal"], true) << "trial " << trial;
    EXPECT_EQ(replay["recorded"], replay["replayed"]);
  }
};

TEST_F(ReplayCommand, OfOneTrialReproducesItsRecord) {
  output_of(run_lenet5("a.db", {"--campaign.trials", "400", "--faults.bits", "exponent"}));
  for (const int trial : {0, 1, 137, 255, 256, 399}) expect_equal("a.db", trial);
}

TEST_F(ReplayCommand, OfAWeightFaultReproducesItsRecord) {
  output_of(run_lenet5("a.db", {"--campaign.trials", "60", "--faults.where", "weights",
                                "--campaign.samples_per_fault", "20", "--faults.count", "3"}));
  for (const int trial : {0, 19, 20, 59}) expect_equal("a.db", trial);
}

TEST_F(ReplayCommand, ShowsWordsAndValuesFromTheSiteOn) {
  const std::string file = folder_.write(
      "plan.json",
      R"([{"sample": 3, "corruptions": [{"site": "fc1", "element": 7, "bits": [31]}]}])");
  output_of(run_lenet5("a.db", {"--plan", file}));
  const std::string text = output_of({"replay", path("a.db"), "--trial", "0"});
  EXPECT_THAT(text, AllOf(HasSubstr("sample 3"), HasSubstr("fc1[7]"), HasSubstr("1 of 120"),
                          HasSubstr("equal to the record"), testing::Not(HasSubstr("conv2"))));
}

TEST_F(ReplayCommand, FindsModelAndDataThatWereMoved) {
  std::filesystem::copy(model("lenet5.pt2"), path("m.pt2"));
  output_of({"run", "--model.file", path("m.pt2"), "--data.file", model("digits.npz"), "--store",
             path("a.db"), "--campaign.trials", "10"});
  std::filesystem::rename(path("m.pt2"), path("moved.pt2"));
  EXPECT_THAT(refused(1, {"replay", path("a.db"), "--trial", "1"}), HasSubstr("m.pt2"));
  output_of({"replay", path("a.db"), "--trial", "1", "--model.file", path("moved.pt2")});
}

TEST_F(ReplayCommand, RefusesAnotherModelUnderTheOldName) {
  std::filesystem::copy(model("lenet5.pt2"), path("m.pt2"));
  output_of({"run", "--model.file", path("m.pt2"), "--data.file", model("digits.npz"), "--store",
             path("a.db"), "--campaign.trials", "10"});
  EXPECT_THAT(refused(2, {"replay", path("a.db"), "--trial", "1", "--model.file",
                          model("lenet5.traced.pt")}),
              HasSubstr("model: "));
}

TEST_F(ReplayCommand, NeedsATrial) {
  EXPECT_THAT(refused(2, {"replay", path("a.db")}), HasSubstr("--trial"));
}

}  // namespace
}  // namespace softbeam::cli
