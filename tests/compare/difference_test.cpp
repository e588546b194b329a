#include <gtest/gtest.h>

#include "tests/compare/rows.h"

namespace softbeam::compare {
namespace {

using rows::inf;
using rows::judge_values;
using rows::nan;

TEST(Difference, IsTheLargestOverAllOutputs) {
  const Verdict verdict = judge_values({{1, 2}, {10, 20}}, {{1.5F, 2}, {10, 17}});
  EXPECT_DOUBLE_EQ(verdict.max_abs, 3);
  EXPECT_DOUBLE_EQ(verdict.max_rel, 0.5);
}

TEST(Difference, RelativeLeavesOutGoldenZeros) {
  const Verdict verdict = judge_values({{0, 4}}, {{100, 5}});
  EXPECT_DOUBLE_EQ(verdict.max_abs, 100);
  EXPECT_DOUBLE_EQ(verdict.max_rel, 0.25);
}

TEST(Difference, OfSignedZerosIsZero) {
  const Verdict verdict = judge_values({{0.0F}}, {{-0.0F}});
  EXPECT_EQ(verdict.max_abs, 0);
  EXPECT_EQ(verdict.max_rel, 0);
}

TEST(Difference, IsOverFinitePairsOnly) {
  const Verdict verdict = judge_values({{1, nan, inf, 5}}, {{inf, 3, 4, 6}});
  EXPECT_EQ(verdict.outcome, Outcome::nonfinite);
  EXPECT_DOUBLE_EQ(verdict.max_abs, 1);
  EXPECT_DOUBLE_EQ(verdict.max_rel, 0.2);
}

TEST(Difference, IsExactForTheLargestNumbers) {
  const Verdict verdict = judge_values({{3e38F}}, {{-3e38F}});
  EXPECT_DOUBLE_EQ(verdict.max_abs, 2 * static_cast<double>(3e38F));
  EXPECT_DOUBLE_EQ(verdict.max_rel, 2);
}

TEST(Difference, IsZeroForAMaskedTrial) {
  const Verdict verdict = judge_values({{1, 2}}, {{1, 2}});
  EXPECT_EQ(verdict.max_abs, 0);
  EXPECT_EQ(verdict.max_rel, 0);
}

}  // namespace
}  // namespace softbeam::compare
