#include "host/report/moments.h"

namespace softbeam::report {
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

void Cluster::add(const compare::Verdict& verdict, bool is_activated) {
  ++trials;
  activated += is_activated;
  for (int domain = 0; domain <= static_cast<int>(is_activated); ++domain) {
    auto& counts = count[domain];
    std::size_t outcome = 0;
    while (outcome < outcome_count && compare::all_outcomes[outcome] != verdict.outcome) ++outcome;
    if (outcome < outcome_count) ++counts[outcome];
    counts[sdc] += outcome == critical || outcome == tolerable;
    counts[sdc_1] += verdict.sdc_1.value_or(false);
    counts[sdc_5] += verdict.sdc_5.value_or(false);
    counts[sdc_10] += verdict.sdc_10.value_or(false);
    counts[sdc_20] += verdict.sdc_20.value_or(false);
  }
}

void Moments::add(const Cluster& cluster) {
  const std::uint64_t n = cluster.trials;
  const std::uint64_t a = cluster.activated;
  ++faults_;
  activated_faults_ += a > 0;
  trials_ += n;
  activated_ += a;
  nn_ += n * n;
  an_ += a * n;
  aa_ += a * a;
  answers_ += cluster.answers;
  for (int domain = 0; domain < 2; ++domain) {
    const std::uint64_t d = domain == 0 ? n : a;
    for (std::size_t metric = 0; metric < metric_count; ++metric) {
      const std::uint64_t y = cluster.count[domain][metric];
      if (y == 0) continue;
      Products& sum = of_[domain][metric];
      sum.y += y;
      sum.yy += y * y;
      sum.yn += y * n;
      sum.yd += y * d;
    }
  }
}

Moments& Moments::operator+=(const Moments& other) {
  faults_ += other.faults_;
  activated_faults_ += other.activated_faults_;
  trials_ += other.trials_;
  activated_ += other.activated_;
  nn_ += other.nn_;
  an_ += other.an_;
  aa_ += other.aa_;
  answers_ += other.answers_;
  for (int domain = 0; domain < 2; ++domain) {
    for (std::size_t metric = 0; metric < metric_count; ++metric) {
      Products& sum = of_[domain][metric];
      const Products& more = other.of_[domain][metric];
      sum.y += more.y;
      sum.yy += more.yy;
      sum.yn += more.yn;
      sum.yd += more.yd;
    }
  }
  return *this;
}

Sums Moments::sums(std::size_t metric, int domain) const {
  const Products& of = of_[domain][metric];
  const bool all = domain == 0;
  const auto real = [](std::uint64_t value) { return static_cast<double>(value); };
  return {.faults = faults_,
          .domain_faults = all ? faults_ : activated_faults_,
          .n = real(trials_),
          .d = real(all ? trials_ : activated_),
          .y = real(of.y),
          .nn = real(nn_),
          .dd = real(all ? nn_ : aa_),
          .yy = real(of.yy),
          .dn = real(all ? nn_ : an_),
          .yn = real(of.yn),
          .yd = real(of.yd)};
}

}  // namespace softbeam::report
