// The loop: hands units of work to the workers, records what comes back, shows progress, stops
// cleanly. Everything that was handed out is recorded before it returns.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include <functional>

#include "host/campaign/progress.h"
#include "host/campaign/recorder.h"
#include "host/campaign/work.h"

namespace softbeam::campaign {

enum class Ending : std::uint8_t { complete, stopped, out_of_time };

struct LoopOptions {
  const std::atomic<bool>* stop = nullptr;  // set by a signal handler; may be null
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

// What the loop hands out and how it is run.
struct Job {
  std::function<std::vector<record::TrialRange>()> next;  // empty: no more; called by one at a time
  std::function<UnitRows(std::size_t worker, std::span<const record::TrialRange>)> run;
};

// Runs all units on so many workers and records what comes back. Throws what a worker or the store
// threw, after the others have come to an end; what was recorded stays.
Ending run_job(const Job& job, std::size_t workers, Recorder& recorder, const LoopOptions& options,
               Progress& progress);

}  // namespace softbeam::campaign
