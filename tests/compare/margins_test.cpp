#include <gtest/gtest.h>

#include <cmath>

#include "tests/compare/rows.h"

namespace softbeam::compare {
namespace {

using config::OutputKind;
using rows::judge_scores;

// Golden is 60 % sure of class 0; the faulty confidence in it is given.
Verdict moved_to(float confidence) {
  return judge_scores({0.6F, 0.4F}, {confidence, 1.0F - confidence}, OutputKind::probabilities);
}

TEST(Margins, CountChangesBeyondTenAndTwentyPercentOfGoldensConfidence) {
  EXPECT_EQ(moved_to(0.545F).sdc_10, false);  // 9.2 % of 0.6
  EXPECT_EQ(moved_to(0.535F).sdc_10, true);   // 10.8 %
  EXPECT_EQ(moved_to(0.535F).sdc_20, false);
  EXPECT_EQ(moved_to(0.475F).sdc_20, true);  // 20.8 %
}

TEST(Margins, CountRisesAsWellAsFalls) {
  EXPECT_EQ(moved_to(0.665F).sdc_10, true);
  EXPECT_EQ(moved_to(0.665F).sdc_20, false);
  EXPECT_EQ(moved_to(0.73F).sdc_20, true);
}

TEST(Margins, AreOfGoldensClassEvenIfAnotherOneWins) {
  // Class 0 goes from 0.5 to 0.48, class 1 from 0.3 to 0.5.
  const Verdict verdict =
      judge_scores({0.5F, 0.3F, 0.2F}, {0.48F, 0.5F, 0.02F}, OutputKind::probabilities);
  EXPECT_EQ(verdict.outcome, Outcome::sdc_critical);
  EXPECT_EQ(verdict.sdc_10, false);
}

TEST(Margins, OfLogitsAreTakenOnTheirSoftmax) {
  // Softmax of (ln 3, 0) is (0.75, 0.25); of (ln 2, 0) it is (0.667, 0.333): 11.1 % less.
  const Verdict verdict = judge_scores({std::log(3.0F), 0}, {std::log(2.0F), 0});
  EXPECT_EQ(verdict.sdc_10, true);
  EXPECT_EQ(verdict.sdc_20, false);
  EXPECT_EQ(verdict.outcome, Outcome::sdc_tolerable);
}

TEST(Margins, OfLogitsAndProbabilitiesDiffer) {
  // As logits the confidence moves from 0.599 to 0.550 (8 %), as probabilities from 0.6 to 0.4.
  EXPECT_EQ(judge_scores({0.6F, 0.2F}, {0.4F, 0.2F}, OutputKind::logits).sdc_10, false);
  EXPECT_EQ(judge_scores({0.6F, 0.2F}, {0.4F, 0.2F}, OutputKind::probabilities).sdc_20, true);
}

TEST(Margins, ShiftedLogitsChangeNothingButTheBits) {
  const Verdict verdict = judge_scores({1, 2, 3}, {11, 12, 13});
  EXPECT_EQ(verdict.outcome, Outcome::sdc_tolerable);
  EXPECT_EQ(verdict.sdc_10, false);
}

TEST(Margins, TopFiveAsksWhetherGoldenHadTheAnswerNearTheTop) {
  const rows::Scores golden{9, 8, 7, 6, 5, 4, 3};
  const Verdict fifth = judge_scores(golden, {9, 8, 7, 6, 50, 4, 3});
  EXPECT_EQ(fifth.top1, 4);
  EXPECT_EQ(fifth.sdc_1, true);
  EXPECT_EQ(fifth.sdc_5, false);
  const Verdict sixth = judge_scores(golden, {9, 8, 7, 6, 5, 50, 3});
  EXPECT_EQ(sixth.sdc_1, true);
  EXPECT_EQ(sixth.sdc_5, true);
}

}  // namespace
}  // namespace softbeam::compare
