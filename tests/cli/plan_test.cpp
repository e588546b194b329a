#include <nlohmann/json.hpp>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PlanCommand : public CommandLine {
 protected:
  std::string refused_plan(const std::string& text) {
    const std::string file = folder_.write("plan.json", text);
    const std::string message = refused(2, run_lenet5("a.db", {"--plan", file}));
    EXPECT_THAT(message, HasSubstr("plan.json"));
    return message;
  }
};

TEST_F(PlanCommand, WritesAFileThatRunsToTheSameTrials) {
  const Arguments trials{"--campaign.trials", "100", "--faults.count", "2"};
  output_of(run_lenet5("drawn.db", trials));
  for (const std::string form : {"--json", "--csv"}) {
    Arguments plan = lenet5("plan", trials);
    plan.insert(plan.end(), {form, "--out", path("plan" + form)});
    EXPECT_EQ(output_of(plan), "");
    output_of(run_lenet5("listed" + form + ".db", {"--plan", path("plan" + form)}));
    EXPECT_EQ(exported("listed" + form + ".db"), exported("drawn.db"));
  }
}

TEST_F(PlanCommand, APartIsThatPartOfTheWhole) {
  const auto whole = nlohmann::json::parse(output_of(lenet5("plan", {"--campaign.trials", "50"})));
  const auto part = nlohmann::json::parse(
      output_of(lenet5("plan", {"--campaign.trials", "50", "--first", "20", "--count", "7"})));
  ASSERT_EQ(part.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(part[i], whole[20 + i]);
}

TEST_F(PlanCommand, RefusesAStartBehindTheEnd) {
  EXPECT_THAT(refused(2, lenet5("plan", {"--campaign.trials", "50", "--first", "50"})),
              AllOf(HasSubstr("--first"), HasSubstr("50"), HasSubstr("0-49")));
  EXPECT_THAT(refused(2, lenet5("plan", {"--json", "--csv"})), HasSubstr("--csv"));
}

TEST_F(PlanCommand, RunsAHandWrittenPlan) {
  const std::string file = folder_.write(
      "plan.json",
      R"([{"sample": 3, "corruptions": [{"site": "conv1", "element": 7, "bits": [30]}]},
          {"sample": 4, "corruptions": []}])");
  EXPECT_THAT(output_of(run_lenet5("a.db", {"--plan", file})), HasSubstr("2 of 2 trials"));
  const std::string csv = exported("a.db");
  EXPECT_THAT(csv, AllOf(HasSubstr("\n0,0,3,conv1,7,30,1,"), HasSubstr("\n1,1,4,,,,0,masked,")));
}

TEST_F(PlanCommand, RefusesABadPlanWithItsPlace) {
  EXPECT_THAT(refused_plan(R"([{"sample":64,"corruptions":[]}])"),
              AllOf(HasSubstr("trial 0"), HasSubstr("sample 64")));
  EXPECT_THAT(
      refused_plan(R"([{"sample":0,"corruptions":[{"site":"convl","element":0,"bits":[1]}]}])"),
      HasSubstr("did you mean 'conv1'?"));
  EXPECT_THAT(refused(1, run_lenet5("a.db", {"--plan", path("none.json")})),
              HasSubstr("none.json"));
  EXPECT_EQ(trials_in("a.db"), 0U);
}

TEST_F(PlanCommand, AnotherPlanIsAnotherCampaign) {
  const std::string text =
      R"([{"sample":3,"corruptions":[{"site":"fc3","element":7,"bits":[30]}]}])";
  const std::string file = folder_.write("plan.json", text);
  output_of(run_lenet5("a.db", {"--plan", file}));
  folder_.write("plan.json", text + "\n");
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--plan", file})), HasSubstr("plan: "));
  EXPECT_THAT(refused(2, run_lenet5("a.db")), HasSubstr("plan: "));
}

}  // namespace
}  // namespace softbeam::cli
