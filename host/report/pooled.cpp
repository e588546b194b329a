// Rates over sites and over faults.
//
// Several trials of one fault are a cluster. The rate is a ratio of means over faults, its variance
// that of the linearised residuals between faults (Cochran, Sampling Techniques, 3rd ed. 1977,
// sections 6.3 and 11.8), and the interval is taken at the effective size n* = p (1 - p) / variance
// (Korn and Graubard 1998, Survey Methodology 24:193-201): shortened by (z / t)^2 for the faults
// being few, and never larger than the number of trials shortened likewise, so that a design effect
// below one, mostly an accident, is not credited: of few faults, even less.
//
// The variance of few faults is hardly known: they agree by accident, or lack the rare fault that
// hurts (where one fault of five does, a third of all campaigns of five faults has none, and their
// intervals would hold the truth in 68 % of cases instead of 95 %). Below `few_faults` a fault
// therefore counts as one draw at most, the least it can be worth, however many samples it met;
// from there on their variance is taken as what it is, zero included.
//
// Where sites were not drawn in proportion to their elements, a rate over several sites is the
// mean of the sites' rates with their shares of elements as weights: post-stratification. Its
// numerator and denominator are estimated over the same strata (a combined ratio, Cochran 6.11), so
// that a rate over activated trials weighs sites by the elements that activate.
#include "host/report/pooled.h"

#include <fmt/format.h>

#include <algorithm>

namespace softbeam::report {
namespace {

using record::Sums;

// Where variances between clusters are commonly said to become trustworthy.
constexpr std::uint64_t few_faults = 30;

struct Estimate {
  double rate = 0.0;
  double size = 0.0;  // effective
};

// Sum over a site's faults of squared residuals y - R d - c n, c such that they add up to zero.
double residual_squares(const Sums& s, double rate) {
  const double c = (s.y - rate * s.d) / s.n;
  return std::max(0.0, s.yy + rate * rate * s.dd + c * c * s.nn - 2 * rate * s.yd - 2 * c * s.yn +
                           2 * rate * c * s.dn);
}

// Whether faults that met several samples each are too few for their variance to be believed.
bool is_few(const Sums& s) {
  return s.domain_faults < few_faults && s.n > static_cast<double>(s.faults);
}

// What the faults' variance would be if each were one draw: Jeffreys' half success and half failure
// keep it above nothing where every answer fell the same way.
double one_draw_variance(const Sums& s) {
  const auto draws = static_cast<double>(s.domain_faults);
  const double p = (s.y / s.d * draws + 0.5) / (draws + 1);
  const double share = s.d / s.n;
  return share * share * p * (1 - p) / draws;
}

// Variance that a site adds to the pooled rate, in units of its weight; `alone`: the only one.
double site_variance(const Sums& s, double rate, bool alone) {
  const auto faults = static_cast<double>(s.faults);
  double variance = 0.0;
  if (s.faults > 1) variance = faults / (faults - 1) * residual_squares(s, rate) / (s.n * s.n);
  if (alone || s.domain_faults == 0) return variance;
  // A site where every answer fell the same way shows no variance of its own, although its rate is
  // not known exactly.
  if (s.y <= 0 || s.y >= s.d || s.faults < 2) return variance + one_draw_variance(s);
  return is_few(s) ? std::max(variance, one_draw_variance(s)) : variance;
}

Estimate estimate(const std::vector<Sums>& sites, const std::vector<double>& weights,
                  double confidence) {
  double numerator = 0.0;
  double denominator = 0.0;
  double trials = 0.0;
  double degrees = 0.0;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    numerator += weights[i] * sites[i].y / sites[i].n;
    denominator += weights[i] * sites[i].d / sites[i].n;
    trials += sites[i].d;
    if (sites[i].domain_faults > 0) degrees += static_cast<double>(sites[i].domain_faults) - 1;
  }
  Estimate result{.rate = std::clamp(numerator / denominator, 0.0, 1.0)};
  double variance = 0.0;
  double squares = 0.0;  // of the weights, each over the number of its faults
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const double weight = weights[i] / denominator;
    variance += weight * weight * site_variance(sites[i], result.rate, sites.size() == 1);
    const double share = weight * sites[i].d / sites[i].n;
    if (sites[i].domain_faults > 0) {
      squares += share * share / static_cast<double>(sites[i].domain_faults);
    }
  }
  const double spread = result.rate * (1 - result.rate);
  if (spread <= 0 || (sites.size() == 1 && sites[0].domain_faults < 2)) {
    // Nothing to estimate a variance from: a fault counts as one draw.
    result.size = 1 / squares;
  } else {
    const double factor = freedom_factor(degrees, confidence);
    result.size = factor * (variance > 0 ? std::min(spread / variance, trials) : trials);
    if (sites.size() == 1 && is_few(sites[0])) {
      result.size = std::min(result.size, static_cast<double>(sites[0].domain_faults));
    }
  }
  result.size = std::min(result.size, trials);
  return result;
}

std::string method_text(Interval kind, bool effective, bool weighted, bool clustered) {
  std::string text(name(kind));
  if (effective && kind == Interval::exact) text += " (beta quantiles at effective counts)";
  if (weighted) text += ", re-weighted to elements";
  if (clustered) text += ", cluster-robust";
  return text;
}

}  // namespace

std::string weights_text(const Pool& pool) {
  return fmt::format("weighted by the elements of {} sites, not by their trials",
                     pool.strata.size());
}

Rate pooled_rate(const Pool& pool, std::size_t metric, int domain, Interval kind,
                 double confidence) {
  const Sums total = pool.total.sums(metric, domain);
  const bool weighted = !pool.strata.empty() || !pool.absent.empty();
  Rate rate;
  rate.count = pool.total.count(metric, domain);
  rate.trials = domain == 0 ? pool.total.trials() : pool.total.activated();
  rate.confidence = confidence;
  rate.method = method_text(kind, weighted || pool.clustered, weighted, pool.clustered);
  rate.independent = !pool.clustered;
  if (rate.trials == 0) {
    rate.note = domain == 0 ? "no trials" : "no activated trials";
    return rate;
  }
  if (!pool.absent.empty()) {
    rate.note = pool.absent;
    return rate;
  }
  if (!weighted && !pool.clustered) {
    rate.rate = total.y / total.d;
    rate.bounds = interval(kind, total.y, total.d, confidence);
    return rate;
  }
  std::vector<Sums> sites{total};
  std::vector<double> weights{1.0};
  if (weighted) {
    sites.clear();
    weights.clear();
    for (const Stratum& stratum : pool.strata) {
      sites.push_back(stratum.cell->sums(metric, domain));
      weights.push_back(stratum.weight);
    }
    rate.note = weights_text(pool);
  }
  const bool any = std::any_of(pool.strata.begin(), pool.strata.end(), [&](const Stratum& stratum) {
    return stratum.weight > 0 && stratum.cell->sums(metric, domain).d > 0;
  });
  if (weighted && !any) {
    rate.note = "the trials struck only sites without elements";
    return rate;
  }
  const Estimate found = estimate(sites, weights, confidence);
  rate.rate = found.rate;
  rate.bounds = interval(kind, found.rate * found.size, found.size, confidence);
  if (pool.clustered) {
    rate.note += rate.note.empty() ? "" : "; ";
    rate.note += "one fault meets several samples, so trials are not independent";
  }
  return rate;
}

}  // namespace softbeam::report
