// Computes a region for the trials of one wave: each over the smallest window that holds its
// differences. Used by the sweep's steps.
#pragma once

#include <vector>

#include "host/run/wave/region_eval.h"
#include "host/run/wave/sweep.h"

namespace softbeam::run {

// A strike at a value that is made inside of a region.
struct StrikeInside {
  Strikable strike;
  std::uint32_t operand = 0;
  std::uint64_t element = 0;
};

// Memory of one worker, used again from step to step.
struct RegionScratch {
  Evaluation faulty;
  Evaluation golden;  // where a difference died
  std::vector<StrikeInside> strikes;
};

// Hands the rows of all exported operands to the sweep, struck and compared: of the active trials,
// and of those that are struck inside. The caller finishes the step. Throws RunError where a row
// differs although the wave has no faults (WaveSettings::keep_equal_rows).
void run_region(Sweep& sweep, const Step& step, const Region& region, RegionScratch& scratch);

}  // namespace softbeam::run
