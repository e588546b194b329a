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
Bounds clopper_pearson(std::uint64_t count, std::uint64_t trials, double confidence);

}  // namespace softbeam::report
