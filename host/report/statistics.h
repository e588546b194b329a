// Confidence intervals of proportions.
#pragma once

#include <cstdint>
#include <string_view>

namespace softbeam::report {

enum class Interval : std::uint8_t { wilson, exact };
std::string_view name(Interval interval);  // "wilson", "clopper-pearson"

struct Bounds {
  double low = 0.0;
  double high = 1.0;
};

// Wilson's score interval (Wilson 1927, JASA 22:209-212), two-sided, without continuity correction.
// `count` and `trials` may be effective (fractional) sizes; trials = 0 gives [0, 1].
Bounds wilson(double count, double trials, double confidence);

// Clopper and Pearson's interval (1934, Biometrika 26:404-413), by Boost.Math's beta quantiles.
// `count` and `trials` may be effective sizes (Korn and Graubard 1998, Survey Methodology
// 24:193-201); trials = 0 gives [0, 1].
Bounds clopper_pearson(double count, double trials, double confidence);

Bounds interval(Interval kind, double count, double trials, double confidence);

// The factor by which an effective size estimated with few degrees of freedom is shortened,
// (z / t)^2 <= 1 (Korn and Graubard 1998).
double freedom_factor(double degrees, double confidence);

}  // namespace softbeam::report
