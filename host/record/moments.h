// What the intervals need to know of the trials of one cell, in constant memory.
// Filled one fault at a time, kept by stores of counts, turned into rates by reports.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/record/trial_class.h"

namespace softbeam::record {

// What is counted of a trial: its outcome, SDC of either kind, and Li et al.'s four.
inline constexpr std::array<std::string_view, 11> metric_names{
    "due_detected", "nonfinite", "sdc_critical", "sdc_tolerable", "corrected", "masked",
    "sdc",          "sdc_1",     "sdc_5",        "sdc_10",        "sdc_20"};
inline constexpr std::size_t metric_count = metric_names.size();
inline constexpr std::size_t outcome_count = 6;  // the first metrics, in the order of all_outcomes

// Whether the metric is defined for models without a class answer.
bool needs_class_answer(std::size_t metric);

// The trials whose sample has a label, and how many of the two answers to them are right.
struct Answers {
  std::uint64_t labelled = 0, golden_right = 0, faulty_right = 0;
  Answers& operator+=(const Answers& other);
  friend bool operator==(const Answers&, const Answers&) = default;
};

// The trials of one fault. Index `domain`: 0 all trials, 1 those that were activated.
struct Cluster {
  std::uint64_t trials = 0;
  std::uint64_t activated = 0;
  std::array<std::array<std::uint64_t, metric_count>, 2> count{};
  Answers answers;

  // Trials of one class.
  void add(const TrialClass& trial, std::uint64_t times = 1);
};

// Sums over faults of the counts n (trials), d (trials of the domain) and y (those of them that
// the metric counts), and of their products.
struct Sums {
  std::uint64_t faults = 0;         // with a trial
  std::uint64_t domain_faults = 0;  // with a trial of the domain
  double n = 0, d = 0, y = 0, nn = 0, dd = 0, yy = 0, dn = 0, yn = 0, yd = 0;
};

class Moments {
 public:
  // Sums over faults: n trials, a activated ones, y those that a metric counts in a domain, d the
  // trials of that domain.
  struct Products {
    std::uint64_t y = 0, yy = 0, yn = 0, yd = 0;
    friend bool operator==(const Products&, const Products&) = default;
  };
  struct Totals {
    std::uint64_t faults = 0, activated_faults = 0, trials = 0, activated = 0;
    std::uint64_t nn = 0, an = 0, aa = 0;
    Answers answers;
    std::array<std::array<Products, metric_count>, 2> of{};  // [domain][metric]
    friend bool operator==(const Totals&, const Totals&) = default;
  };

  Moments() = default;
  // As totals() gave them.
  explicit Moments(const Totals& totals) : totals_(totals) {}

  // Faults of which each has these trials.
  void add(const Cluster& cluster, std::uint64_t times = 1);
  Moments& operator+=(const Moments& other);
  friend bool operator==(const Moments&, const Moments&) = default;

  Sums sums(std::size_t metric, int domain) const;
  const Answers& answers() const { return totals_.answers; }
  std::uint64_t faults() const { return totals_.faults; }
  std::uint64_t trials() const { return totals_.trials; }
  std::uint64_t activated() const { return totals_.activated; }
  std::uint64_t count(std::size_t metric, int domain) const { return totals_.of[domain][metric].y; }
  const Totals& totals() const { return totals_; }

 private:
  Totals totals_;
};

}  // namespace softbeam::record
