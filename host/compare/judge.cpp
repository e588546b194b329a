#include "host/compare/judge.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace softbeam::compare {
namespace {

bool bit_identical(std::span<const float> a, std::span<const float> b) {
  return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

// Largest differences over finite pairs; true if some finite golden value became NaN or Inf.
bool measure(std::span<const float> golden, std::span<const float> faulty, Verdict& verdict) {
  bool lost = false;
  for (std::size_t i = 0; i < golden.size(); ++i) {
    const double g = golden[i];
    const double f = faulty[i];
    if (!std::isfinite(g)) {
      lost = lost || std::isnan(f);  // golden has no NaN: an Inf that became one is lost as well
      continue;
    }
    if (!std::isfinite(f)) {
      lost = true;
      continue;
    }
    const double difference = std::abs(f - g);
    verdict.max_abs = std::max(verdict.max_abs, difference);
    if (g != 0.0) {
      verdict.max_rel = std::max(verdict.max_rel, difference / std::abs(g));
    }
  }
  return lost;
}

void compare_answers(std::span<const float> scores, const GoldenAnswer& answer,
                     config::OutputKind kind, Verdict& verdict) {
  if (std::any_of(scores.begin(), scores.end(), [](float s) { return std::isnan(s); })) {
    return;  // no answer at all
  }
  verdict.top1 = top1(scores);
  verdict.sdc_1 = *verdict.top1 != answer.top1;
  verdict.sdc_5 = std::find(answer.top5.begin(), answer.top5.begin() + answer.known,
                            *verdict.top1) == answer.top5.begin() + answer.known;
  const double confidence = probability(scores, answer.top1, kind);
  if (std::isfinite(confidence) && std::isfinite(answer.confidence)) {
    const double moved = std::abs(confidence - answer.confidence);
    verdict.sdc_10 = moved > 0.10 * answer.confidence;
    verdict.sdc_20 = moved > 0.20 * answer.confidence;
  }
}

}  // namespace

std::int32_t top1(std::span<const float> scores) {
  return static_cast<std::int32_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

double probability(std::span<const float> scores, std::int32_t index, config::OutputKind kind) {
  const auto i = static_cast<std::size_t>(index);
  if (kind == config::OutputKind::probabilities) {
    return scores[i];
  }
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0.0;
  for (const float score : scores) {
    sum += std::exp(score - largest);
  }
  return std::exp(scores[i] - largest) / sum;
}

GoldenAnswer golden_answer(std::span<const float> scores, config::OutputKind kind) {
  GoldenAnswer answer;
  std::vector<std::int32_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<std::int32_t>(i);
  }
  answer.known = static_cast<int>(std::min<std::size_t>(answer.top5.size(), order.size()));
  std::partial_sort(order.begin(), order.begin() + answer.known, order.end(),
                    [&](std::int32_t a, std::int32_t b) {
                      const float sa = scores[static_cast<std::size_t>(a)];
                      const float sb = scores[static_cast<std::size_t>(b)];
                      return sa != sb ? sa > sb : a < b;
                    });
  std::copy_n(order.begin(), answer.known, answer.top5.begin());
  answer.top1 = answer.top5[0];
  answer.confidence = probability(scores, answer.top1, kind);
  return answer;
}

Verdict masked(const GoldenAnswer* answer) {
  Verdict verdict;
  if (answer != nullptr) {
    verdict.top1 = answer->top1;
    verdict.sdc_1 = verdict.sdc_5 = false;
    if (std::isfinite(answer->confidence)) {
      verdict.sdc_10 = verdict.sdc_20 = false;
    }
  }
  return verdict;
}

Verdict judge(const Rows& golden, const Rows& faulty, const GoldenAnswer* answer,
              config::OutputKind kind) {
  bool identical = true;
  for (std::size_t o = 0; o < golden.size(); ++o) {
    identical = identical && bit_identical(golden[o], faulty[o]);
  }
  if (identical) {
    return masked(answer);
  }
  Verdict verdict;
  bool lost = false;
  for (std::size_t o = 0; o < golden.size(); ++o) {
    lost = measure(golden[o], faulty[o], verdict) || lost;
  }
  if (answer != nullptr) {
    compare_answers(faulty.front(), *answer, kind, verdict);
  }
  // DESIGN's order: the first that matches wins.
  if (lost) {
    verdict.outcome = Outcome::nonfinite;
  } else if (verdict.sdc_1.value_or(false)) {
    verdict.outcome = Outcome::sdc_critical;
  } else {
    verdict.outcome = Outcome::sdc_tolerable;
  }
  return verdict;
}

}  // namespace softbeam::compare
