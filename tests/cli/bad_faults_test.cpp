#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class BadFaults : public CommandLine {
 protected:
  std::string refused_flags(const Arguments& flags) {
    const std::string message = refused(2, run_lenet5("a.db", flags));
    EXPECT_EQ(trials_in("a.db"), 0U);
    return message;
  }
};

TEST_F(BadFaults, UnknownSiteNamesTheNearestOne) {
  EXPECT_THAT(
      refused_flags({"--faults.sites", "convl"}),
      AllOf(HasSubstr("faults.sites"), HasSubstr("'convl'"), HasSubstr("did you mean 'conv1'?")));
}

TEST_F(BadFaults, UnknownOperatorNamesTheNearestOne) {
  EXPECT_THAT(refused_flags({"--faults.ops", "conv2b"}),
              AllOf(HasSubstr("faults.ops"), HasSubstr("did you mean 'conv2d'?")));
}

TEST_F(BadFaults, BitsOutsideTheTypeNameItsRange) {
  EXPECT_THAT(refused_flags({"--faults.bits", "32"}),
              AllOf(HasSubstr("faults.bits"), HasSubstr("bit 32"), HasSubstr("float32"),
                    HasSubstr("0-31")));
  EXPECT_THAT(refused_flags({"--faults.bits", "64"}), HasSubstr("bit 64"));
}

TEST_F(BadFaults, AReversedRangeIsTurnedRound) {
  EXPECT_THAT(refused_flags({"--faults.bits", "9-3"}), AllOf(HasSubstr("'9-3'"), HasSubstr("3-9")));
}

TEST_F(BadFaults, TrialsCountFromOne) {
  EXPECT_THAT(refused_flags({"--campaign.trials", "0"}), HasSubstr("campaign.trials"));
  EXPECT_THAT(refused_flags({"--campaign.trials", "-5"}), HasSubstr("-5"));
  EXPECT_THAT(refused_flags({"--campaign.trials", "1e4"}), HasSubstr("'1e4'"));
}

TEST_F(BadFaults, MoreTrialsThanAStoreHoldsAreRefused) {
  EXPECT_THAT(refused_flags({"--campaign.trials", "18446744073709551615"}),
              HasSubstr("campaign.trials"));
}

TEST_F(BadFaults, MoreDistinctCorruptionsThanWordsAreRefused) {
  EXPECT_THAT(refused_flags({"--faults.sites", "fc3", "--faults.count", "11"}),
              AllOf(HasSubstr("faults.count"), HasSubstr("11"), HasSubstr("10 words")));
}

TEST_F(BadFaults, MoreSamplesPerFaultThanThereAreAreRefused) {
  EXPECT_THAT(refused_flags({"--faults.where", "weights", "--campaign.samples_per_fault", "65"}),
              AllOf(HasSubstr("campaign.samples_per_fault"), HasSubstr("65"), HasSubstr("64")));
}

TEST_F(BadFaults, TrialsPerSampleAndSamplesPerFaultDoNotGoTogether) {
  EXPECT_THAT(refused_flags({"--faults.where", "weights", "--campaign.samples_per_fault", "4",
                             "--campaign.trials_per_sample", "2"}),
              HasSubstr("campaign.trials_per_sample"));
}

TEST_F(BadFaults, ContradictionsAreNamed) {
  EXPECT_THAT(refused_flags({"--faults.what", "set"}), HasSubstr("faults.value"));
  EXPECT_THAT(refused_flags({"--faults.what", "zero", "--faults.bits", "3"}),
              HasSubstr("faults.bits"));
  EXPECT_THAT(refused_flags({"--campaign.samples_per_fault", "3"}), HasSubstr("neurons"));
}

}  // namespace
}  // namespace softbeam::cli
