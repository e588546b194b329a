#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Cli = CommandLine;

TEST_F(Cli, WithoutACommandIsAUsageError) { EXPECT_THAT(refused(2, {}), HasSubstr("--help")); }

TEST_F(Cli, UnknownCommandNamesTheNearestOne) {
  EXPECT_THAT(
      refused(2, {"reprot", "a.db"}),
      AllOf(HasSubstr("'reprot'"), HasSubstr("did you mean 'report'?"), HasSubstr("sweep")));
}

TEST_F(Cli, CommandsThatAreNotBuiltYetSaySo) {
  for (const std::string command : {"merge", "import"}) {
    EXPECT_THAT(refused(2, {command, "x"}),
                AllOf(HasSubstr("'" + command + "'"), HasSubstr("not built yet")));
  }
}

TEST_F(Cli, UnknownFlagNamesTheNearestOne) {
  EXPECT_THAT(
      refused(2, run_lenet5("a.db", {"--campaign.trails", "5"})),
      AllOf(HasSubstr("'--campaign.trails'"), HasSubstr("did you mean '--campaign.trials'?")));
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--campaign.sede=5"})),
              HasSubstr("did you mean '--campaign.seed'?"));
  EXPECT_THAT(refused(2, {"report", "a.db", "--jsno"}), HasSubstr("did you mean '--json'?"));
}

TEST_F(Cli, KeysThatAreNotBuiltYetSaySo) {
  const std::vector<Arguments> cases{{"--campaign.margin", "0.005"},
                                     {"--campaign.exhaustive", "true"},
                                     {"--faults.where", "memory"},
                                     {"--faults.where", "accumulators"},
                                     {"--faults.what", "classes.conv_gemm.warp"}};
  for (const Arguments& flags : cases) {
    EXPECT_THAT(refused(2, run_lenet5("a.db", flags)),
                AllOf(HasSubstr(flags[0]), HasSubstr("not built yet")));
  }
}

TEST_F(Cli, SurplusArgumentsAreNamed) {
  EXPECT_THAT(refused(2, {"report", "a.db", "b.db"}), HasSubstr("'b.db'"));
}

TEST_F(Cli, AFlagWithoutItsValueIsNamed) {
  EXPECT_THAT(refused(2, {"run", "--store"}), HasSubstr("--store"));
  EXPECT_THAT(refused(2, {"replay", "a.db", "--trial", "seven"}), HasSubstr("seven"));
}

TEST_F(Cli, AFlagThatIsGivenTwiceIsAUsageError) {
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--campaign.seed", "1", "--campaign.seed", "2"})),
              HasSubstr("--campaign.seed"));
}

TEST_F(Cli, AMissingStoreFlagIsNamed) {
  EXPECT_THAT(refused(2, lenet5("run")), HasSubstr("--store"));
  EXPECT_THAT(refused(2, {"report"}), HasSubstr("STORE"));
  EXPECT_THAT(refused(2, {"inspect"}), HasSubstr("MODEL"));
}

TEST_F(Cli, AMissingCampaignFileIsAFailure) {
  EXPECT_THAT(refused(1, {"run", path("none.yaml"), "--store", path("a.db")}),
              AllOf(HasSubstr("none.yaml"), HasSubstr("no such file")));
}

TEST_F(Cli, WrongReportFlagsAreRefusedBeforeAnyWork) {
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--by", "layer"})),
              AllOf(HasSubstr("layer"), HasSubstr("site")));
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--interval", "wald"})),
              AllOf(HasSubstr("'wald'"), HasSubstr("wilson, exact")));
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--confidence", "95"})), HasSubstr("95"));
  EXPECT_FALSE(std::filesystem::exists(path("a.db")));
}

TEST_F(Cli, ConfidenceZeroIsRefusedAsWell) {
  EXPECT_THAT(refused(2, run_lenet5("a.db", {"--confidence", "0"})), HasSubstr("--confidence"));
}

TEST_F(Cli, CudaWithoutDeviceExits3) {
  const support::Finished doctor = softbeam({"doctor", "--device", "cuda"});
  if (doctor.exit_code == 0) GTEST_SKIP() << "this machine has a GPU";
  EXPECT_EQ(doctor.exit_code, 3);
  EXPECT_THAT(refused(3, run_lenet5("a.db", {"--run.device", "cuda"})),
              testing::ContainsRegex("[Cc][Uu][Dd][Aa]"));
  EXPECT_EQ(trials_in("a.db"), 0U);
}

TEST_F(Cli, DoctorPassesItsKnownAnswers) {
  EXPECT_THAT(output_of({"doctor"}),
              AllOf(HasSubstr("torch"), HasSubstr("threads"), HasSubstr("cuda"),
                    HasSubstr("pass  random numbers"), HasSubstr("pass  injector"),
                    HasSubstr("pass  convolution"), testing::Not(HasSubstr("FAIL"))));
}

}  // namespace
}  // namespace softbeam::cli
