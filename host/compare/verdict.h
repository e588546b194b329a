// What comparing one faulty output with its golden one says. Plain data; see judge.h for the code.
#pragma once

#include <cstdint>
#include <optional>

#include "host/compare/outcome.h"

namespace softbeam::compare {

struct Verdict {
  Outcome outcome = Outcome::masked;

  // Columns of a classifier; empty for models without a class answer.
  std::optional<std::int32_t> top1;  // the faulty answer; empty too when the output has NaN
  // Li et al., SC'17, on probabilities. sdc_1 is the outcome's own criterion: top-1 changed.
  std::optional<bool> sdc_1;   // the faulty top-1 is not golden's top-1
  std::optional<bool> sdc_5;   // the faulty top-1 is not among golden's top five
  std::optional<bool> sdc_10;  // golden's top-1 confidence moved by more than 10 % of itself
  std::optional<bool> sdc_20;  // ... by more than 20 %

  double max_abs = 0.0;  // largest |faulty - golden| over the output, finite pairs only
  double max_rel = 0.0;  // largest |faulty - golden| / |golden| where golden is not zero
};

}  // namespace softbeam::compare
