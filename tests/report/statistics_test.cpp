// Intervals against published values.
#include "host/report/statistics.h"

#include <gtest/gtest.h>

namespace softbeam::report {
namespace {

struct Published {
  double count, trials, low, high;
};

// Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
TEST(Statistics, WilsonMatchesPublishedValues) {
  for (const Published& each : {Published{81, 263, 0.2553, 0.3662},
                                {15, 148, 0.0624, 0.1605},
                                {0, 20, 0.0, 0.1611},
                                {1, 29, 0.0061, 0.1718}}) {
    const Bounds bounds = wilson(each.count, each.trials, 0.95);
    EXPECT_NEAR(bounds.low, each.low, 5e-5) << each.count << "/" << each.trials;
    EXPECT_NEAR(bounds.high, each.high, 5e-5) << each.count << "/" << each.trials;
  }
}

// The same table, method 5 (Clopper-Pearson).
TEST(Statistics, ClopperPearsonMatchesPublishedValues) {
  for (const Published& each : {Published{81, 263, 0.2527, 0.3676},
                                {15, 148, 0.0578, 0.1617},
                                {0, 20, 0.0, 0.1684},
                                {1, 29, 0.0009, 0.1776}}) {
    const Bounds bounds = clopper_pearson(each.count, each.trials, 0.95);
    EXPECT_NEAR(bounds.low, each.low, 5e-5) << each.count << "/" << each.trials;
    EXPECT_NEAR(bounds.high, each.high, 5e-5) << each.count << "/" << each.trials;
  }
}

// Beta quantiles computed with another program to twelve digits.
TEST(Statistics, ClopperPearsonMatchesBetaQuantiles) {
  for (const Published& each : {Published{5, 100, 0.0164318791821, 0.112834911105},
                                {1, 10, 0.00252857854446, 0.445016117028},
                                {0, 100, 0.0, 0.0362166926452},
                                {0, 0, 0.0, 1.0}}) {
    const Bounds bounds = clopper_pearson(each.count, each.trials, 0.95);
    EXPECT_NEAR(bounds.low, each.low, 1e-12);
    EXPECT_NEAR(bounds.high, each.high, 1e-11);
  }
}

TEST(Statistics, BoundsAreExactAtTheEndsAndTrivialWithoutTrials) {
  for (const Interval kind : {Interval::wilson, Interval::exact}) {
    for (const double trials : {1.0, 7.0, 1e3, 1e7}) {
      EXPECT_EQ(interval(kind, 0, trials, 0.99).low, 0.0);
      EXPECT_EQ(interval(kind, trials, trials, 0.99).high, 1.0);
    }
    EXPECT_EQ(interval(kind, 0, 0, 0.95).low, 0.0);
    EXPECT_EQ(interval(kind, 0, 0, 0.95).high, 1.0);
  }
}

TEST(Statistics, MoreConfidenceIsWiderAndFewDegreesOfFreedomShorten) {
  EXPECT_GT(wilson(5, 50, 0.99).high, wilson(5, 50, 0.95).high);
  EXPECT_LT(clopper_pearson(5, 50, 0.99).low, clopper_pearson(5, 50, 0.95).low);
  // t quantile with 9 degrees of freedom: 2.262157.
  EXPECT_NEAR(freedom_factor(9, 0.95), 1.959964 * 1.959964 / (2.262157 * 2.262157), 1e-6);
  EXPECT_NEAR(freedom_factor(1e9, 0.95), 1.0, 1e-6);
}

}  // namespace
}  // namespace softbeam::report
