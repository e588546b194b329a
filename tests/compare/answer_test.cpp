#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/compare/rows.h"

namespace softbeam::compare {
namespace {

using config::OutputKind;
using rows::inf;
using rows::judge_scores;
using rows::nan;
using rows::Scores;
using testing::ElementsAre;

TEST(Answer, TiesGoToTheLowestIndex) {
  EXPECT_EQ(top1(Scores{1, 7, 7, 2}), 1);
  EXPECT_EQ(top1(Scores{inf, 1, inf}), 0);
  EXPECT_EQ(top1(Scores{-0.0F, 0.0F}), 0);
  EXPECT_THAT(golden_answer(Scores{5, 9, 5, 9, 5, 5}, OutputKind::logits).top5,
              ElementsAre(1, 3, 0, 2, 4));
}

TEST(Answer, ATieThatMovesTheTopToALowerIndexIsCritical) {
  EXPECT_EQ(judge_scores({1, 2}, {2, 2}).outcome, Outcome::sdc_critical);
  EXPECT_EQ(judge_scores({2, 1}, {2, 2}).outcome, Outcome::sdc_tolerable);
}

TEST(Answer, FewerThanFiveClassesAreAllKnown) {
  const GoldenAnswer answer = golden_answer(Scores{1, 3, 2}, OutputKind::logits);
  EXPECT_EQ(answer.known, 3);
  EXPECT_EQ(answer.top1, 1);
  EXPECT_THAT(std::vector(answer.top5.begin(), answer.top5.begin() + 3), ElementsAre(1, 2, 0));
}

TEST(Answer, ConfidenceOfLogitsIsTheirSoftmax) {
  const GoldenAnswer answer = golden_answer(Scores{0, std::log(3.0F)}, OutputKind::logits);
  EXPECT_NEAR(answer.confidence, 0.75, 1e-7);
}

TEST(Answer, ConfidenceOfLargeLogitsDoesNotOverflow) {
  EXPECT_NEAR(probability(Scores{3e38F, 3e38F}, 0, OutputKind::logits), 0.5, 1e-12);
  EXPECT_EQ(probability(Scores{-3e38F, 3e38F}, 0, OutputKind::logits), 0.0);
}

TEST(Answer, ConfidenceOfProbabilitiesIsTheScore) {
  EXPECT_FLOAT_EQ(
      static_cast<float>(golden_answer(Scores{0.25F, 0.75F}, OutputKind::probabilities).confidence),
      0.75F);
}

TEST(Answer, AMaskedTrialKeepsGoldensAnswer) {
  const Verdict verdict = judge_scores({1, 2, 3}, {1, 2, 3});
  EXPECT_EQ(verdict.top1, 2);
  EXPECT_EQ(verdict.sdc_1, false);
  EXPECT_EQ(verdict.sdc_5, false);
  EXPECT_EQ(verdict.sdc_10, false);
  EXPECT_EQ(verdict.sdc_20, false);
}

TEST(Answer, AnOutputWithNanHasNone) {
  const Verdict verdict = judge_scores({1, 2, 3}, {1, 2, nan});
  EXPECT_EQ(verdict.outcome, Outcome::nonfinite);
  EXPECT_FALSE(verdict.top1 || verdict.sdc_1 || verdict.sdc_5 || verdict.sdc_10 || verdict.sdc_20);
}

TEST(Answer, AnOutputWithInfHasOne) {
  EXPECT_EQ(judge_scores({1, 2, 3}, {inf, 2, 3}).top1, 0);
  const Verdict negative = judge_scores({1, 2, 3}, {-inf, 2, 3});
  EXPECT_EQ(negative.top1, 2);
  EXPECT_EQ(negative.sdc_1, false);
}

TEST(Answer, InfinitelyLargeLogitsHaveNoConfidence) {
  const Verdict verdict = judge_scores({1, 2, 3}, {1, 2, inf});
  EXPECT_EQ(verdict.top1, 2);
  EXPECT_FALSE(verdict.sdc_10 || verdict.sdc_20);
}

TEST(Answer, OfMinusInfinityGetsTheProbabilityZero) {
  EXPECT_EQ(probability(Scores{-inf, 0}, 0, OutputKind::logits), 0.0);
  EXPECT_EQ(probability(Scores{-inf, 0}, 1, OutputKind::logits), 1.0);
}

}  // namespace
}  // namespace softbeam::compare
