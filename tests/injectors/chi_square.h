// Goodness of fit of observed counts against a uniform distribution.
// Used by tests of draws.
#pragma once

#include <boost/math/distributions/chi_squared.hpp>
#include <cstdint>
#include <numeric>
#include <vector>

namespace softbeam::tests {

// Probability of counts at least this uneven if every class is equally likely. Tests with a fixed
// seed ask for more than 1e-4.
inline double uniform_p_value(const std::vector<std::uint64_t>& counts) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double expected = total / static_cast<double>(counts.size());
  double statistic = 0;
  for (const std::uint64_t count : counts) {
    const double difference = static_cast<double>(count) - expected;
    statistic += difference * difference / expected;
  }
  const boost::math::chi_squared distribution(static_cast<double>(counts.size() - 1));
  return cdf(complement(distribution, statistic));
}

}  // namespace softbeam::tests
