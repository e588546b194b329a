// Simulated campaigns with a known truth: intervals hold it as often as they say.
#include <gtest/gtest.h>

#include <random>

#include "host/report/pooled.h"

namespace softbeam::report {
namespace {

using record::Cluster;

constexpr std::size_t critical = 2;
constexpr int repetitions = 2000;

bool holds(const Bounds& bounds, double truth) {
  return bounds.low <= truth && truth <= bounds.high;
}

record::TrialClass class_of(bool is_critical, bool activated = true) {
  record::TrialClass result;
  result.outcome = is_critical ? compare::Outcome::sdc_critical : compare::Outcome::masked;
  result.activated = activated;
  return result;
}

struct Coverage {
  double robust = 0, naive = 0;
};

// `faults` weight faults meet `samples` samples each; most faults never hurt, some nearly always.
Coverage clustered_coverage(int faults, int samples, Interval kind, int domain) {
  std::mt19937_64 random(7);
  std::bernoulli_distribution is_bad(0.2);
  std::uniform_real_distribution<double> uniform;
  const double truth = 0.2 * 0.9 + 0.8 * 0.02;
  Coverage coverage;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    Pool pool;
    pool.clustered = true;
    for (int fault = 0; fault < faults; ++fault) {
      const double rate = is_bad(random) ? 0.9 : 0.02;
      Cluster cluster;
      for (int sample = 0; sample < samples; ++sample) {
        // A third of the trials is not activated, and then masked.
        const bool activated = domain == 0 || sample % 3 != 0;
        cluster.add(class_of(activated && uniform(random) < rate, activated));
      }
      pool.total.add(cluster);
    }
    const Rate rate = pooled_rate(pool, critical, domain, kind, 0.95);
    coverage.robust += holds(rate.bounds, truth);
    coverage.naive += holds(
        interval(kind, static_cast<double>(rate.count), static_cast<double>(rate.trials), 0.95),
        truth);
  }
  coverage.robust /= repetitions;
  coverage.naive /= repetitions;
  return coverage;
}

TEST(Coverage, OfClusteredTrialsIsWhatTheIntervalSays) {
  for (const int domain : {0, 1}) {
    for (const Interval kind : {Interval::wilson, Interval::exact}) {
      const Coverage coverage = clustered_coverage(60, 20, kind, domain);
      EXPECT_GE(coverage.robust, 0.935) << domain << name(kind);
      EXPECT_LE(coverage.naive, 0.75) << "the simulation does not tell the two apart";
    }
  }
}

TEST(Coverage, OfVeryFewFaultsIsStillHonest) {
  EXPECT_GE(clustered_coverage(15, 50, Interval::wilson, 0).robust, 0.92);
}

TEST(Coverage, TrialsOfAFaultThatSayNothingAboutEachOtherCostNothing) {
  std::mt19937_64 random(3);
  std::bernoulli_distribution hurts(0.1);
  double held = 0;
  double width = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    Pool pool;
    pool.clustered = true;
    for (int fault = 0; fault < 200; ++fault) {
      Cluster cluster;
      for (int sample = 0; sample < 5; ++sample) cluster.add(class_of(hurts(random)));
      pool.total.add(cluster);
    }
    const Rate rate = pooled_rate(pool, critical, 0, Interval::wilson, 0.95);
    const Bounds naive = wilson(static_cast<double>(rate.count), 1000, 0.95);
    held += holds(rate.bounds, 0.1);
    width += (rate.bounds.high - rate.bounds.low) / (naive.high - naive.low);
    ASSERT_GE(rate.bounds.high - rate.bounds.low, naive.high - naive.low - 1e-12);
  }
  EXPECT_GE(held / repetitions, 0.94);
  EXPECT_LT(width / repetitions, 1.1);
}

// Two sites of nine and one tenth of the elements, drawn equally often.
TEST(Coverage, OfReweightedRatesIsWhatTheIntervalSaysAndTheyHaveNoBias) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> uniform;
  const double truth = 0.9 * 0.02 + 0.1 * 0.4;
  double sum = 0;
  double naive = 0;
  double held = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    Moments large;
    Moments small;
    for (int trial = 0; trial < 600; ++trial) {
      const bool is_large = uniform(random) < 0.5;
      Cluster cluster;
      cluster.add(class_of(uniform(random) < (is_large ? 0.02 : 0.4)));
      (is_large ? large : small).add(cluster);
    }
    Pool pool;
    pool.strata = {{0.9, &large}, {0.1, &small}};
    pool.total += large;
    pool.total += small;
    const Rate rate = pooled_rate(pool, critical, 0, Interval::wilson, 0.95);
    sum += *rate.rate;
    naive += static_cast<double>(rate.count) / static_cast<double>(rate.trials);
    held += holds(rate.bounds, truth);
  }
  EXPECT_NEAR(sum / repetitions, truth, 0.0006);
  EXPECT_GT(naive / repetitions, truth + 0.1);
  EXPECT_GE(held / repetitions, 0.935);
  EXPECT_LE(held / repetitions, 0.98);
}

// A site that nobody has seen fail yet still widens the interval.
TEST(Coverage, ASiteWithFewTrialsAndNoFailureIsNotTakenAsSafe) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform;
  const double truth = 0.8 * 0.03 + 0.2 * 0.3;
  double held = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    Moments rare;
    Moments often;
    for (int trial = 0; trial < 1020; ++trial) {
      Cluster cluster;
      cluster.add(class_of(uniform(random) < (trial < 20 ? 0.03 : 0.3)));
      (trial < 20 ? rare : often).add(cluster);
    }
    Pool pool;
    pool.strata = {{0.8, &rare}, {0.2, &often}};
    pool.total += rare;
    pool.total += often;
    held += holds(pooled_rate(pool, critical, 0, Interval::wilson, 0.95).bounds, truth);
  }
  EXPECT_GE(held / repetitions, 0.9);
}

TEST(Coverage, WithoutAnyFailureAFaultCountsAsOneDraw) {
  Pool pool;
  pool.clustered = true;
  for (int fault = 0; fault < 10; ++fault) {
    Cluster cluster;
    for (int sample = 0; sample < 100; ++sample) cluster.add(class_of(false));
    pool.total.add(cluster);
  }
  const Rate rate = pooled_rate(pool, critical, 0, Interval::wilson, 0.95);
  EXPECT_EQ(rate.rate, 0.0);
  EXPECT_NEAR(rate.bounds.high, wilson(0, 10, 0.95).high, 1e-12);
}

// `faults` faults that fail exactly half of their hundred samples.
Bounds of_agreeing(int faults) {
  Pool pool;
  pool.clustered = true;
  for (int fault = 0; fault < faults; ++fault) {
    Cluster cluster;
    for (int sample = 0; sample < 100; ++sample) cluster.add(class_of(sample % 2 == 0));
    pool.total.add(cluster);
  }
  return pooled_rate(pool, critical, 0, Interval::wilson, 0.95).bounds;
}

TEST(Coverage, FewFaultsAreNoMoreDrawsThanFaults) {
  for (const int faults : {2, 3, 7, 29}) {
    const Bounds bounds = of_agreeing(faults);
    const Bounds draws = wilson(faults / 2.0, faults, 0.95);
    EXPECT_LE(bounds.low, draws.low) << faults;
    EXPECT_GE(bounds.high, draws.high) << faults;
  }
  const Bounds many = of_agreeing(100);
  EXPECT_LE(many.high - many.low, 1.05 * (wilson(5000, 1e4, 0.95).high - 0.5) * 2);
}

// Often none of them is one of the fifth that hurts, and then they look alike.
TEST(Coverage, OfHardlyAnyFaultsIsStillHonest) {
  for (const int faults : {3, 5, 10, 29}) {
    for (const int domain : {0, 1}) {
      EXPECT_GE(clustered_coverage(faults, 50, Interval::wilson, domain).robust, 0.92)
          << faults << " " << domain;
    }
  }
}

}  // namespace
}  // namespace softbeam::report
