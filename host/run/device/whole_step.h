// Whole rows through any operator on a device, in chunks of the campaign's own shape: what every
// form falls back to.
#pragma once

#include <span>

#include "host/run/device/device_sweep.h"
#include "host/run/device/step_call.h"

namespace softbeam::run {

// Computes the trials `which` (indices into `list`) and hands their rows to the sweep. The last row
// of each chunk stays golden; throws RunError if its result does not.
void run_whole(DeviceSweep& sweep, const Program& program, const Step& step, const StepCall& call,
               const ActiveList& list, std::span<const std::uint32_t> which);

// True if golden's rows, laid out anew, give golden's bits.
bool whole_rows_are_golden(backend::Backend& backend, const Program& program, const Step& step,
                           const StepCall& call, const GoldenBlock& golden);

}  // namespace softbeam::run
