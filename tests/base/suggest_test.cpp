#include "host/base/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace softbeam {
namespace {

const std::vector<std::string> keys = {"faults.bits", "faults.where", "campaign.trials",
                                       "run.device"};

TEST(Suggest, FindsTypingErrors) {
  EXPECT_EQ(nearest("faults.bit", keys), "faults.bits");    // a letter too few
  EXPECT_EQ(nearest("faultss.bits", keys), "faults.bits");  // one too many
  EXPECT_EQ(nearest("fualts.bits", keys), "faults.bits");   // swapped
  EXPECT_EQ(nearest("campaign.trails", keys), "campaign.trials");
  EXPECT_EQ(nearest("Run.Device", keys), "run.device");
}

TEST(Suggest, CountsASwapOnce) {
  // Two letters of four may not be wrong, one swap may.
  const std::vector<std::string> names = {"relu"};
  EXPECT_EQ(nearest("rleu", names), "relu");
  EXPECT_EQ(nearest("xylu", names), "");
}

TEST(Suggest, StaysSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("temperature", keys), "");
  EXPECT_EQ(nearest("", keys), "");
  EXPECT_EQ(nearest("x", std::vector<std::string>{"y"}), "");
  EXPECT_EQ(nearest("word", {}), "");
}

TEST(Suggest, PrefersTheNearestAndThenTheFirst) {
  const std::vector<std::string> names = {"conv1", "conv2", "conv12"};
  EXPECT_EQ(nearest("conv3", names), "conv1");
  EXPECT_EQ(nearest("conv22", names), "conv2");
}

TEST(Suggest, AsksInAFixedForm) {
  EXPECT_EQ(did_you_mean("faults.bitz", keys), " (did you mean 'faults.bits'?)");
  EXPECT_EQ(did_you_mean("temperature", keys), "");
}

TEST(Glob, MatchesTheWholeText) {
  EXPECT_TRUE(glob_match("conv1", "conv1"));
  EXPECT_FALSE(glob_match("conv", "conv1"));
  EXPECT_FALSE(glob_match("conv1", "conv"));
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_FALSE(glob_match("", "a"));
  EXPECT_FALSE(glob_match("conv1.weight", "conv1xweight"));
}

TEST(Glob, AStarIsAnyCharactersExceptAColon) {
  EXPECT_TRUE(glob_match("layer1.*", "layer1.0.conv1"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("*.conv?", "layer1.0.conv2"));
  EXPECT_TRUE(glob_match("a*b*c", "aXbXbXc"));
  EXPECT_FALSE(glob_match("a*b*c", "aXbXbX"));
  EXPECT_FALSE(glob_match("*", "conv1:in0"));
  EXPECT_TRUE(glob_match("*:in0", "layer1.conv1:in0"));
  EXPECT_TRUE(glob_match("*:*", "conv1:in0"));
  EXPECT_FALSE(glob_match("*in0", "conv1:in0"));
}

TEST(Glob, AQuestionMarkIsOneCharacterExceptAColon) {
  EXPECT_TRUE(glob_match("conv?", "conv1"));
  EXPECT_FALSE(glob_match("conv?", "conv"));
  EXPECT_FALSE(glob_match("conv?", "conv12"));
  EXPECT_FALSE(glob_match("conv1?in0", "conv1:in0"));
}

TEST(Glob, AHostilePatternIsStillFast) {
  // Exponential for a matcher that tries every split of every star.
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "*a";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace softbeam
