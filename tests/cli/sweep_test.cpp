#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Sweep : public CommandLine {
 protected:
  std::string campaign(const std::string& more) {
    return folder_.write("sweep.yaml", fmt::format("model: {{file: {}}}\ndata: {{file: {}}}\n{}",
                                                   model("lenet5.pt2"), model("digits.npz"), more));
  }
};

TEST_F(Sweep, RunsEveryCombinationIntoOneStoreAndOneTable) {
  const std::string file = campaign(
      "campaign: {trials: 40, seed: 5}\n"
      "sweep: {faults.where: [neurons, weights], faults.bits: [[30], [0]]}\n");
  const std::string table = output_of({"sweep", file, "--store", path("a.db")});
  for (const std::string label :
       {"faults.where=neurons faults.bits=[30]", "faults.where=neurons faults.bits=[0]",
        "faults.where=weights faults.bits=[30]", "faults.where=weights faults.bits=[0]"}) {
    EXPECT_THAT(table, HasSubstr(label));
  }
  EXPECT_EQ(output_of({"report", path("a.db")}), table);
}

TEST_F(Sweep, APointEqualsARunOfItsOwn) {
  const std::string file = campaign("campaign: {trials: 60}\nsweep: {faults.bits: [[30], [0]]}\n");
  output_of({"sweep", file, "--store", path("a.db")});
  output_of(run_lenet5("b.db", {"--campaign.trials", "60", "--faults.bits", "0"}));
  EXPECT_EQ(output_of({"export", path("a.db"), "--campaign", "2"}), exported("b.db"));
}

TEST_F(Sweep, GoesOnWhereItStoppedAndMayGrow) {
  output_of({"sweep", campaign("campaign: {trials: 20}\nsweep: {faults.bits: [[30], [0]]}\n"),
             "--store", path("a.db")});
  output_of({"sweep", campaign("campaign: {trials: 50}\nsweep: {faults.bits: [[30], [0], [1]]}\n"),
             "--store", path("a.db")});
  const auto store = record::Store::open_for_reading(path("a.db"));
  ASSERT_EQ(store.campaigns().size(), 3U);
  for (const auto& row : store.campaigns()) EXPECT_EQ(store.count(row.id), 50U);
}

TEST_F(Sweep, ChecksAllPointsBeforeTheFirstRuns) {
  const std::string file = campaign("sweep: {campaign.trials: [10, 0]}\n");
  EXPECT_THAT(refused(2, {"sweep", file, "--store", path("a.db")}), HasSubstr("campaign.trials"));
  EXPECT_FALSE(std::filesystem::exists(path("a.db")));
}

TEST_F(Sweep, NeedsASectionAndRunRefusesIt) {
  EXPECT_THAT(refused(2, {"sweep", campaign(""), "--store", path("a.db")}), HasSubstr("sweep"));
  EXPECT_THAT(
      refused(2, {"run", campaign("sweep: {faults.bits: [[30]]}\n"), "--store", path("a.db")}),
      HasSubstr("softbeam sweep"));
}

TEST_F(Sweep, ExportAndReplayNeedToKnowWhichCampaign) {
  const std::string file = campaign("campaign: {trials: 5}\nsweep: {faults.bits: [[30], [0]]}\n");
  output_of({"sweep", file, "--store", path("a.db")});
  EXPECT_THAT(refused(2, {"export", path("a.db"), "--csv"}),
              AllOf(HasSubstr("2 campaigns"), HasSubstr("--campaign")));
  EXPECT_THAT(refused(2, {"replay", path("a.db"), "--trial", "0"}), HasSubstr("--campaign"));
  output_of({"replay", path("a.db"), "--trial", "0", "--campaign", "2"});
}

TEST_F(Sweep, DumpsEveryPoint) {
  const std::string out =
      output_of({"sweep", campaign("sweep: {campaign.seed: [8, 9]}\n"), "--dump-config"});
  EXPECT_THAT(out, AllOf(HasSubstr("# campaign.seed=8"), HasSubstr("seed: 9")));
}

}  // namespace
}  // namespace softbeam::cli
