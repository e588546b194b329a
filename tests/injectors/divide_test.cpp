#include "injectors/divide.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace softbeam::injectors {
namespace {

TEST(Divide, BothWidthsGiveQuotientAndRest) {
  constexpr std::uint64_t edge = std::uint64_t{1} << 32;
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{17}, edge - 1, edge, edge + 5,
                                     3 * edge + 1, ~std::uint64_t{0}}) {
    for (const std::uint64_t by : {std::uint64_t{1}, std::uint64_t{3}, edge - 1, edge, edge + 1}) {
      const Divided divided_by = divided(number, by);
      ASSERT_LT(divided_by.rest, by);
      ASSERT_EQ(divided_by.quotient * by + divided_by.rest, number);
    }
  }
}

}  // namespace
}  // namespace softbeam::injectors
