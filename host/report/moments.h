// Private: what the intervals need to know of the trials of one cell, in constant memory.
// Filled by aggregate.cpp one fault at a time, turned into rates by pooled.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/compare/verdict.h"

namespace softbeam::report {

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
};

// The trials of one fault. Index `domain`: 0 all trials, 1 those that were activated.
struct Cluster {
  std::uint64_t trials = 0;
  std::uint64_t activated = 0;
  std::array<std::array<std::uint64_t, metric_count>, 2> count{};
  Answers answers;

  void add(const compare::Verdict& verdict, bool is_activated);
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
  void add(const Cluster& cluster);
  Moments& operator+=(const Moments& other);

  Sums sums(std::size_t metric, int domain) const;
  const Answers& answers() const { return answers_; }
  std::uint64_t trials() const { return trials_; }
  std::uint64_t activated() const { return activated_; }
  std::uint64_t count(std::size_t metric, int domain) const { return of_[domain][metric].y; }

 private:
  struct Products {
    std::uint64_t y = 0, yy = 0, yn = 0, yd = 0;
  };
  std::uint64_t faults_ = 0, activated_faults_ = 0, trials_ = 0, activated_ = 0;
  std::uint64_t nn_ = 0, an_ = 0, aa_ = 0;
  Answers answers_;
  std::array<std::array<Products, metric_count>, 2> of_{};
};

}  // namespace softbeam::report
