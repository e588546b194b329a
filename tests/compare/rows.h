// Judges rows that are written out in a test. Used by the tests of this folder.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "host/compare/judge.h"

namespace softbeam::compare::rows {

using Scores = std::vector<float>;

inline constexpr float nan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float inf = std::numeric_limits<float>::infinity();

// A classifier with one output.
inline Verdict judge_scores(const Scores& golden, const Scores& faulty,
                            config::OutputKind kind = config::OutputKind::logits) {
  const GoldenAnswer answer = golden_answer(golden, kind);
  return judge({golden}, {faulty}, &answer, kind);
}

// A model without a class answer, with any number of outputs.
inline Verdict judge_values(const std::vector<Scores>& golden, const std::vector<Scores>& faulty) {
  return judge(Rows(golden.begin(), golden.end()), Rows(faulty.begin(), faulty.end()), nullptr,
               config::OutputKind::logits);
}

}  // namespace softbeam::compare::rows
