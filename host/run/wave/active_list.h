// Which trials reach a step, and with which rows. Used by the sweeps.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/run/wave/rows.h"

namespace softbeam::run {

// The trials that reach one step, ascending, and their rows at its inputs.
struct ActiveList {
  std::size_t inputs = 0;             // of the step
  std::vector<std::uint32_t> trials;  // index within the wave
  std::vector<const Row*> rows;       // [trial][input]; null: golden's
  const Row* row(std::size_t i, std::size_t input) const { return rows[i * inputs + input]; }
  std::size_t size() const { return trials.size(); }
  void clear(std::size_t of_inputs);
};

class ActiveMerge {
 public:
  // `lists`: the live rows of each input, ascending by trial. Trials of `struck_trials`, ascending,
  // go to `struck` with or without rows, all others to `active`.
  void operator()(std::span<const std::vector<Row>* const> lists,
                  std::span<const std::uint32_t> struck_trials, ActiveList& active,
                  ActiveList& struck);

 private:
  std::vector<std::size_t> heads_;
};

}  // namespace softbeam::run
