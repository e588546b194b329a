#include "injectors/strike_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace softbeam::injectors {
namespace {

using testing::HasSubstr;

std::vector<Strike> at(std::initializer_list<std::uint64_t> offsets) {
  std::vector<Strike> strikes;
  for (const std::uint64_t offset : offsets) strikes.push_back({offset, {}});
  return strikes;
}

TEST(StrikeList, DistinctOffsetsInsideTheMemoryAreFine) {
  EXPECT_EQ(problem_of({}, 0), std::nullopt);
  EXPECT_EQ(problem_of(at({3, 0, 1}), 4), std::nullopt);
}

TEST(StrikeList, AnOffsetBehindTheMemoryIsNamed) {
  EXPECT_THAT(problem_of(at({1, 4, 2}), 4).value_or(""), HasSubstr("word 4 of 4"));
  EXPECT_TRUE(problem_of(at({0}), 0).has_value());
}

TEST(StrikeList, TwoStrikesOnOneWordAreNamed) {
  EXPECT_THAT(problem_of(at({7, 2, 7}), 10).value_or(""), HasSubstr("two strikes hit word 7"));
}

}  // namespace
}  // namespace softbeam::injectors
