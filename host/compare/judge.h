// Compares the output of one trial with golden's and says what became of the fault.
// Used by the campaign loop and replay. No tensors: rows of float32.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "host/compare/verdict.h"
#include "host/config/config.h"

namespace softbeam::compare {

// One sample's golden class answer, worked out once.
struct GoldenAnswer {
  std::int32_t top1 = 0;
  std::array<std::int32_t, 5> top5{};  // best first; only the first `known` count
  int known = 0;
  double confidence = 0.0;  // probability of top1
};

// Index of the largest score, ties to the lowest index; precondition: no NaN, not empty.
std::int32_t top1(std::span<const float> scores);
// Probability of one class: softmax of logits (in float64, shifted by the largest), or the score.
double probability(std::span<const float> scores, std::int32_t index, config::OutputKind kind);
GoldenAnswer golden_answer(std::span<const float> scores, config::OutputKind kind);

// Of an output that is golden's, bit for bit; `answer` as for judge().
Verdict masked(const GoldenAnswer* answer);

// One row per output of the model. `answer` is null for a model without a class answer; else it
// belongs to the first output. Margins follow Li et al., "Understanding error propagation in deep
// learning neural network (DNN) accelerators and applications", SC'17, section 4: the confidence
// is that of golden's top class.
using Rows = std::vector<std::span<const float>>;
Verdict judge(const Rows& golden, const Rows& faulty, const GoldenAnswer* answer,
              config::OutputKind kind);

}  // namespace softbeam::compare
