#include "host/run/chunk.h"

namespace softbeam::run {

void Chunk::clear() {
  trials.clear();
  corruptions.clear();
  first.assign(1, 0);
}

void Chunk::fill(const plan::FaultPlan& plan, std::uint64_t begin, std::uint64_t end) {
  clear();
  plan.trials(begin, end, trials);
  for (const plan::Trial& trial : trials) {
    plan.fault(trial.fault, corruptions);
    first.push_back(corruptions.size());
  }
}

void Chunk::add(const plan::Trial& trial, const plan::FaultPlan& plan) {
  if (first.empty()) {
    first.push_back(0);
  }
  trials.push_back(trial);
  plan.fault(trial.fault, corruptions);
  first.push_back(corruptions.size());
}

}  // namespace softbeam::run
