// Golden must be proven golden.
#include "host/run/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/error.h"
#include "host/campaign/subject.h"
#include "tests/support/configs.h"
#include "tests/support/message_of.h"

namespace softbeam::run {
namespace {

using support::config_of;

TEST(Golden, DoesNotDependOnTheNumberOfThreads) {
  config::CampaignConfig config = support::lenet_config();
  config.run.threads = 1;
  const auto one = campaign::load_subject(config, true);
  config.run.threads = 3;
  const auto three = campaign::load_subject(config, true);
  EXPECT_EQ(one->golden->digest(), three->golden->digest());
}

TEST(Golden, RefusesANonDeterministicModel) {
  EXPECT_THAT(support::message_of<RunError>(
                  [] { campaign::load_subject(config_of("random_op.pt2", "small.npz"), true); }),
              testing::HasSubstr("differs between two runs"));
}

TEST(Golden, OfANonDeterministicModelIsItsFirstRun) {
  config::CampaignConfig config = config_of("random_op.pt2", "small.npz");
  config.run.allow_nondeterministic = true;
  const auto loaded = campaign::load_subject(config, true);
  EXPECT_FALSE(loaded->deterministic());
  EXPECT_FALSE(loaded->golden->deterministic());
  EXPECT_EQ(loaded->config.run.mode, config::Mode::wave);
  EXPECT_EQ(loaded->mode(), config::Mode::plain);
  EXPECT_TRUE(loaded->classifier());
}

TEST(Golden, OfADeterministicModelIsProvenAlsoWhereRandomnessIsAllowed) {
  config::CampaignConfig config = support::lenet_config();
  config.run.allow_nondeterministic = true;
  const auto loaded = campaign::load_subject(config, true);
  EXPECT_TRUE(loaded->deterministic());
  EXPECT_EQ(loaded->mode(), config::Mode::wave);
}

TEST(Golden, RefusesNaNAndNamesTheSample) {
  EXPECT_THAT(support::message_of<RunError>(
                  [] { campaign::load_subject(config_of("nan_output.pt2", "small.npz"), true); }),
              testing::AllOf(testing::HasSubstr("sample"), testing::HasSubstr("NaN")));
}

TEST(Golden, BothFileFormatsAgreeBitForBit) {
  const auto exported = campaign::load_subject(config_of("lenet5.pt2", "digits.npz"), true);
  const auto traced = campaign::load_subject(config_of("lenet5.traced.pt", "digits.npz"), true);
  const auto scripted = campaign::load_subject(config_of("lenet5.scripted.pt", "digits.npz"), true);
  EXPECT_EQ(exported->golden->digest(), traced->golden->digest());
  EXPECT_EQ(exported->golden->digest(), scripted->golden->digest());
}

TEST(Golden, AStaticExportForOneSampleIsAClassifierToo) {
  const auto loaded = campaign::load_subject(config_of("static_one.pt2", "small.npz"), true);
  EXPECT_EQ(loaded->profile.batch, 1);
  EXPECT_TRUE(loaded->classifier());
}

TEST(Golden, AModelWithoutAClassAnswerHasNoAnswers) {
  const auto loaded = campaign::load_subject(config_of("segmentation.pt2", "small.npz"), true);
  EXPECT_FALSE(loaded->classifier());
}

}  // namespace
}  // namespace softbeam::run
