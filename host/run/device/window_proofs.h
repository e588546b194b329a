// Which steps' windows were proved on this device. Shared by the runners of a campaign: each step
// is proved by one of them.
#pragma once

#include <cstdint>
#include <vector>

#include "host/run/wave/program.h"
#include "host/run/wave/switched_off.h"

namespace softbeam::run {

class WindowProofs {
 public:
  // The program must outlive the proofs.
  explicit WindowProofs(const Program& program)
      : program_(program), states_(program.steps.size(), State::unproved) {}

  // False, too, where nobody has proved the step.
  bool exact(std::size_t step) const { return states_[step] == State::exact; }
  // Before the first wave; by many threads at a time, a step by one.
  void set(std::size_t step, bool exact) { states_[step] = exact ? State::exact : State::inexact; }

  std::vector<SwitchedOff> switched_off() const;

 private:
  enum class State : std::uint8_t { unproved, exact, inexact };

  const Program& program_;
  std::vector<State> states_;  // by step
};

}  // namespace softbeam::run
