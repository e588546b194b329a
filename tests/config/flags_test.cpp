#include <string>

#include "tests/config/campaign_file.h"

namespace softbeam::config {
namespace {

using support::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using Flags = CampaignFile;

TEST_F(Flags, MakeACampaignWithoutAFile) {
  const CampaignConfig config = load("", {{"model.file", "m.pt2"}, {"data.file", "d.npz"}});
  EXPECT_EQ(config.model.file, "m.pt2");
  EXPECT_EQ(config.campaign.trials, 10000U);
}

TEST_F(Flags, LieOverTheFileInOrder) {
  const CampaignConfig config = load_with("campaign: {trials: 5, seed: 3}\n",
                                          {{"campaign.trials", "7"}, {"campaign.trials", "9"}});
  EXPECT_EQ(config.campaign.trials, 9U);
  EXPECT_EQ(config.campaign.seed, 3U);
}

TEST_F(Flags, MakeListsByCommas) {
  EXPECT_THAT(load_with("", {{"faults.sites", "conv1, *.fc"}}).faults.sites,
              ElementsAre("conv1", "*.fc"));
  EXPECT_EQ(load_with("", {{"faults.bits", "0-7,sign"}}).faults.bits.size(), 2U);
  EXPECT_TRUE(load_with("", {{"faults.bits", "random"}}).faults.bits.empty());
}

TEST_F(Flags, MakeListsByYaml) {
  EXPECT_THAT(load_with("", {{"faults.sites", "[conv1, \"*.fc\"]"}}).faults.sites,
              ElementsAre("conv1", "*.fc"));
  EXPECT_THAT(refuse_flag("faults.sites", "[*.fc]"),
              AllOf(StartsWith("--faults.sites"), HasSubstr("quote")));
  EXPECT_THAT(refuse_flag("faults.sites", "[a"),
              AllOf(StartsWith("--faults.sites"), HasSubstr("not a valid list")));
}

TEST_F(Flags, TakeTextsLiterally) {
  for (const char* text : {"a b: #c.pt2", "*x", "'quoted'", "null", "~", "[a, b]", "{a: b}", "-"}) {
    EXPECT_EQ(load_with("", {{"model.file", text}}).model.file, text);
  }
}

TEST_F(Flags, AreThePlaceOfTheirErrors) {
  EXPECT_THAT(refuse_flag("faults.bits", "9-3"),
              AllOf(StartsWith("--faults.bits: '9-3'"), HasSubstr("write 3-9")));
  EXPECT_THAT(refuse_flag("faults.bits", ""), StartsWith("--faults.bits"));
  EXPECT_THAT(refuse_flag("faults.sites", "a,,b"), HasSubstr("empty item"));
  EXPECT_THAT(refuse_flag("campaign.trials", "1e4"), StartsWith("--campaign.trials: '1e4'"));
  EXPECT_THAT(refuse_flag("campaign.trials", ""), StartsWith("--campaign.trials: ''"));
  EXPECT_THAT(refuse_flag("faults.value", "3"), StartsWith("--faults.value"));
}

TEST_F(Flags, ThatAreUnknownGetTheNearestName) {
  EXPECT_THAT(refuse_flag("faults.bit", "3"), AllOf(StartsWith("--faults.bit: unknown key"),
                                                    HasSubstr("did you mean 'faults.bits'?")));
  EXPECT_THAT(refuse_flag("seed", "3"), HasSubstr("did you mean 'campaign.seed'?"));
  EXPECT_THAT(refuse_flag("zzzzzzzz", "3"), HasSubstr("SECTION.KEY"));
  EXPECT_THAT(refuse_flag("sweep.faults.bits", "3"), HasSubstr("unknown key"));
}

TEST_F(Flags, CanContradictTheFile) {
  EXPECT_THAT(message_of<UsageError>([&] {
                load_with("campaign: {trials: 5}\n", {{"campaign.trials_per_sample", "2"}});
              }),
              AllOf(StartsWith("--campaign.trials_per_sample"), HasSubstr("campaign.yaml:3")));
}

TEST_F(Flags, DoNotHideAMistakeInTheFile) {
  EXPECT_THAT(message_of<UsageError>([&] {
                load_with("campaign: {trials: x}\n", {{"campaign.trials", "2"}});
              }),
              HasSubstr("campaign.yaml:3: campaign.trials"));
}

}  // namespace
}  // namespace softbeam::config
