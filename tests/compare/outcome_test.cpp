#include "host/compare/outcome.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/compare/rows.h"

namespace softbeam::compare {
namespace {

using rows::inf;
using rows::judge_scores;
using rows::judge_values;
using rows::nan;

TEST(Outcome, MaskedIsBitIdentical) {
  EXPECT_EQ(judge_scores({1, 2, 3}, {1, 2, 3}).outcome, Outcome::masked);
  EXPECT_EQ(judge_values({{1, 2}}, {{1, 2}}).outcome, Outcome::masked);
}

TEST(Outcome, MaskedHoldsForEqualNonFiniteOutputs) {
  EXPECT_EQ(judge_values({{nan, inf}}, {{nan, inf}}).outcome, Outcome::masked);
}

TEST(Outcome, ASignedZeroIsADifference) {
  EXPECT_EQ(judge_scores({0.0F, 2}, {-0.0F, 2}).outcome, Outcome::sdc_tolerable);
  EXPECT_EQ(judge_values({{-0.0F}}, {{0.0F}}).outcome, Outcome::sdc_tolerable);
}

TEST(Outcome, MismatchOfTheAnswerIsCritical) {
  EXPECT_EQ(judge_scores({1, 2, 3}, {1, 4, 3}).outcome, Outcome::sdc_critical);
}

TEST(Outcome, CriticalWinsOverTolerable) {
  const Verdict verdict = judge_scores({1, 2, 3}, {3.0001F, 2.5F, 3});
  EXPECT_EQ(verdict.outcome, Outcome::sdc_critical);
}

TEST(Outcome, TolerableDiffersWithTheSameAnswer) {
  EXPECT_EQ(judge_scores({1, 2, 3}, {1, 2, 3.5F}).outcome, Outcome::sdc_tolerable);
}

TEST(Outcome, NonFiniteWinsOverMismatch) {
  const Verdict verdict = judge_scores({1, 2, 3}, {inf, 2, 3});
  EXPECT_EQ(verdict.outcome, Outcome::nonfinite);
  EXPECT_EQ(verdict.top1, 0);  // the answer changed, too
  EXPECT_TRUE(*verdict.sdc_1);
}

TEST(Outcome, NonFiniteWinsOverTolerable) {
  EXPECT_EQ(judge_scores({1, 2, 3}, {-inf, 2, 3}).outcome, Outcome::nonfinite);
  EXPECT_EQ(judge_scores({1, 2, 3}, {nan, 2, 3}).outcome, Outcome::nonfinite);
}

TEST(Outcome, NonFiniteIsOnlyWhatGoldenHadFinite) {
  EXPECT_EQ(judge_values({{nan, 1}}, {{inf, 1}}).outcome, Outcome::sdc_tolerable);
  EXPECT_EQ(judge_values({{inf, 1}}, {{2, 1}}).outcome, Outcome::sdc_tolerable);
  EXPECT_EQ(judge_values({{inf, 1}}, {{inf, nan}}).outcome, Outcome::nonfinite);
}

TEST(Outcome, AnyOutputCountsForNonFinite) {
  EXPECT_EQ(judge_values({{1, 2}, {3}}, {{1, 2}, {inf}}).outcome, Outcome::nonfinite);
}

TEST(Outcome, AnyOutputCountsForTheDifference) {
  EXPECT_EQ(judge_values({{1, 2}, {3}}, {{1, 2}, {4}}).outcome, Outcome::sdc_tolerable);
}

TEST(Outcome, TheFirstOutputHoldsTheAnswer) {
  const rows::Scores golden{1, 2};
  const rows::Scores other{7, 8};
  const rows::Scores swapped{8, 7};
  const auto kind = config::OutputKind::logits;
  const GoldenAnswer answer = golden_answer(golden, kind);
  EXPECT_EQ(judge({golden, other}, {golden, swapped}, &answer, kind).outcome,
            Outcome::sdc_tolerable);
}

TEST(Outcome, IsNeverCriticalWithoutAClassAnswer) {
  const Verdict verdict = judge_values({{1, 2, 3}}, {{9, 2, 3}});
  EXPECT_EQ(verdict.outcome, Outcome::sdc_tolerable);
  EXPECT_FALSE(verdict.top1 || verdict.sdc_1 || verdict.sdc_5 || verdict.sdc_10 || verdict.sdc_20);
}

TEST(Outcome, NamesAreReadBackAndDefinitionsDiffer) {
  std::set<std::string_view> definitions;
  int order = 0;
  for (const Outcome outcome : all_outcomes) {
    EXPECT_EQ(parse_outcome(name(outcome)), outcome);
    EXPECT_EQ(static_cast<int>(outcome), ++order);
    definitions.insert(definition(outcome));
  }
  EXPECT_EQ(definitions.size(), all_outcomes.size());
  EXPECT_FALSE(definitions.contains(""));
  EXPECT_FALSE(parse_outcome("crash").has_value());
}

}  // namespace
}  // namespace softbeam::compare
