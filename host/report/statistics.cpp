#include "host/report/statistics.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace softbeam::report {
namespace {

double normal_quantile(double confidence) {
  return boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
}

}  // namespace

std::string_view name(Interval interval) {
  return interval == Interval::wilson ? "wilson" : "clopper-pearson";
}

Bounds wilson(double count, double trials, double confidence) {
  if (trials <= 0) return {};
  const double z = normal_quantile(confidence);
  const double p = count / trials;
  const double shrink = 1 + z * z / trials;
  const double centre = (p + z * z / (2 * trials)) / shrink;
  const double half = z / shrink * std::sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials));
  // At the ends the bound is exact; rounding must not put it a hair inside.
  return {.low = count <= 0 ? 0.0 : std::max(0.0, centre - half),
          .high = count >= trials ? 1.0 : std::min(1.0, centre + half)};
}

Bounds clopper_pearson(double count, double trials, double confidence) {
  if (trials <= 0) return {};
  const double tail = (1 - confidence) / 2;
  return {
      .low = count <= 0 ? 0.0 : boost::math::ibeta_inv(count, trials - count + 1, tail),
      .high = count >= trials ? 1.0 : boost::math::ibeta_inv(count + 1, trials - count, 1 - tail)};
}

Bounds interval(Interval kind, double count, double trials, double confidence) {
  return kind == Interval::wilson ? wilson(count, trials, confidence)
                                  : clopper_pearson(count, trials, confidence);
}

double freedom_factor(double degrees, double confidence) {
  const boost::math::students_t t(std::max(degrees, 1.0));
  const double ratio = normal_quantile(confidence) / boost::math::quantile(t, 0.5 + confidence / 2);
  return std::min(1.0, ratio * ratio);
}

}  // namespace softbeam::report
