#include "host/campaign/loop.h"

#include <exception>
#include <mutex>
#include <thread>

#include "host/base/queue.h"
#include "host/campaign/work.h"

namespace softbeam::campaign {
namespace {

// What the workers share: which unit is next, and whether to stop.
class HandOut {
 public:
  HandOut(Units units, const LoopOptions& options) : units_(std::move(units)), options_(options) {}

  std::optional<record::TrialRange> next() {
    if (cancelled_) {
      return std::nullopt;
    }
    if (options_.stop != nullptr && *options_.stop) {
      ending_ = Ending::stopped;
      return std::nullopt;
    }
    if (options_.deadline && std::chrono::steady_clock::now() >= *options_.deadline) {
      ending_ = Ending::out_of_time;
      return std::nullopt;
    }
    const std::lock_guard lock(guard_);
    auto unit = units_.next();
    exhausted_ = !unit;
    return unit;
  }

  void cancel() { cancelled_ = true; }

  // A stop that came after the last unit was handed out changed nothing.
  Ending ending() {
    const std::lock_guard lock(guard_);
    return exhausted_ || !units_.next() ? Ending::complete : ending_.load();
  }

 private:
  std::mutex guard_;
  Units units_;
  bool exhausted_ = false;
  const LoopOptions& options_;
  std::atomic<bool> cancelled_{false};
  std::atomic<Ending> ending_{Ending::complete};
};

constexpr std::chrono::milliseconds patience{50};

UnitRows join(std::deque<UnitRows>& units) {
  UnitRows all = std::move(units.front());
  for (auto unit = units.begin() + 1; unit != units.end(); ++unit) {
    all.trials.insert(all.trials.end(), unit->trials.begin(), unit->trials.end());
    all.corruptions.insert(all.corruptions.end(), unit->corruptions.begin(),
                           unit->corruptions.end());
  }
  return all;
}

}  // namespace

Ending run_trials(const Subject& subject, const plan::FaultPlan& plan, record::Store& store,
                  std::int64_t campaign, const LoopOptions& options, Progress& progress) {
  const std::uint64_t planned = plan.trials();
  HandOut work(Units(store.missing(campaign, planned),
                     static_cast<std::uint64_t>(subject.profile.batch), options.samples_per_fault),
               options);
  const std::size_t workers = subject.runners.size();
  Queue<UnitRows> done(4 * workers + 8);
  std::exception_ptr failure;
  std::mutex failure_guard;

  const auto run_worker = [&](std::size_t worker) {
    try {
      while (const auto unit = work.next()) {
        if (!done.push(run_unit(subject, worker, plan, *unit))) {
          break;
        }
      }
    } catch (...) {
      const std::lock_guard lock(failure_guard);
      if (!failure) {
        failure = std::current_exception();
      }
      work.cancel();
    }
    done.producer_done();
  };

  done.set_producers(workers);
  std::vector<std::jthread> threads;
  try {
    for (std::size_t w = 0; w < workers; ++w) {
      threads.emplace_back(run_worker, w);
    }
    // One transaction for a chunk, or for all chunks of the last moment where they come fast.
    for (auto units = done.pop_all(patience); !units.empty(); units = done.pop_all(patience)) {
      const UnitRows rows = join(units);
      store.append(campaign, rows.trials, rows.corruptions);
      progress.add(rows.trials);
    }
  } catch (...) {
    work.cancel();
    done.close();  // releases workers that wait for room
    throw;
  }
  threads.clear();
  progress.finish();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return work.ending();
}

}  // namespace softbeam::campaign
