#include "host/record/moments.h"

namespace softbeam::record {
namespace {

enum : std::size_t { critical = 2, tolerable = 3, sdc = 6, sdc_1 = 7, sdc_5, sdc_10, sdc_20 };

}  // namespace

bool needs_class_answer(std::size_t metric) { return metric == critical || metric >= sdc_1; }

Answers& Answers::operator+=(const Answers& other) {
  labelled += other.labelled;
  golden_right += other.golden_right;
  faulty_right += other.faulty_right;
  return *this;
}

void Cluster::add(const TrialClass& trial, std::uint64_t times) {
  trials += times;
  activated += trial.activated ? times : 0;
  for (int domain = 0; domain <= static_cast<int>(trial.activated); ++domain) {
    auto& counts = count[domain];
    std::size_t outcome = 0;
    while (outcome < outcome_count && compare::all_outcomes[outcome] != trial.outcome) ++outcome;
    if (outcome < outcome_count) counts[outcome] += times;
    counts[sdc] += outcome == critical || outcome == tolerable ? times : 0;
    counts[sdc_1] += trial.sdc_1 ? times : 0;
    counts[sdc_5] += trial.sdc_5 ? times : 0;
    counts[sdc_10] += trial.sdc_10 ? times : 0;
    counts[sdc_20] += trial.sdc_20 ? times : 0;
  }
  answers.labelled += trial.labelled ? times : 0;
  answers.golden_right += trial.golden_right ? times : 0;
  answers.faulty_right += trial.faulty_right ? times : 0;
}

void Moments::add(const Cluster& cluster, std::uint64_t times) {
  const std::uint64_t n = cluster.trials;
  const std::uint64_t a = cluster.activated;
  totals_.faults += times;
  totals_.activated_faults += a > 0 ? times : 0;
  totals_.trials += times * n;
  totals_.activated += times * a;
  totals_.nn += times * n * n;
  totals_.an += times * a * n;
  totals_.aa += times * a * a;
  totals_.answers.labelled += times * cluster.answers.labelled;
  totals_.answers.golden_right += times * cluster.answers.golden_right;
  totals_.answers.faulty_right += times * cluster.answers.faulty_right;
  for (int domain = 0; domain < 2; ++domain) {
    const std::uint64_t d = domain == 0 ? n : a;
    for (std::size_t metric = 0; metric < metric_count; ++metric) {
      const std::uint64_t y = cluster.count[domain][metric];
      if (y == 0) continue;
      Products& sum = totals_.of[domain][metric];
      sum.y += times * y;
      sum.yy += times * y * y;
      sum.yn += times * y * n;
      sum.yd += times * y * d;
    }
  }
}

Moments& Moments::operator+=(const Moments& other) {
  const Totals& more = other.totals_;
  totals_.faults += more.faults;
  totals_.activated_faults += more.activated_faults;
  totals_.trials += more.trials;
  totals_.activated += more.activated;
  totals_.nn += more.nn;
  totals_.an += more.an;
  totals_.aa += more.aa;
  totals_.answers += more.answers;
  for (int domain = 0; domain < 2; ++domain) {
    for (std::size_t metric = 0; metric < metric_count; ++metric) {
      Products& sum = totals_.of[domain][metric];
      const Products& product = more.of[domain][metric];
      sum.y += product.y;
      sum.yy += product.yy;
      sum.yn += product.yn;
      sum.yd += product.yd;
    }
  }
  return *this;
}

Sums Moments::sums(std::size_t metric, int domain) const {
  const Products& of = totals_.of[domain][metric];
  const bool all = domain == 0;
  const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
  return {.faults = totals_.faults,
          .domain_faults = all ? totals_.faults : totals_.activated_faults,
          .n = real(totals_.trials),
          .d = real(all ? totals_.trials : totals_.activated),
          .y = real(of.y),
          .nn = real(totals_.nn),
          .dd = real(all ? totals_.nn : totals_.aa),
          .yy = real(of.yy),
          .dn = real(all ? totals_.nn : totals_.an),
          .yn = real(of.yn),
          .yd = real(of.yd)};
}

}  // namespace softbeam::record
