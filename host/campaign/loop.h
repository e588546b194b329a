// The loop: hands units of work to the workers, records what comes back, shows progress, stops
// cleanly. Everything that was handed out is recorded before it returns.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "host/campaign/progress.h"
#include "host/campaign/subject.h"
#include "host/plan/fault_plan.h"
#include "host/record/store.h"

namespace softbeam::campaign {

enum class Ending : std::uint8_t { complete, stopped, out_of_time };

struct LoopOptions {
  std::uint64_t samples_per_fault = 1;
  const std::atomic<bool>* stop = nullptr;  // set by a signal handler; may be null
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

// Runs the trials of the plan that the store's campaign does not have yet. Throws what a worker or
// the store threw, after the others have come to an end; what was recorded stays.
Ending run_trials(const Subject& subject, const plan::FaultPlan& plan, record::Store& store,
                  std::int64_t campaign, const LoopOptions& options, Progress& progress);

}  // namespace softbeam::campaign
