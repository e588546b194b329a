#include "host/campaign/loop.h"

#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "host/base/queue.h"
#include "host/execute/threads.h"

namespace softbeam::campaign {
namespace {

// What the workers share: which unit is next, and whether to stop.
class HandOut {
 public:
  HandOut(const Job& job, const LoopOptions& options) : job_(job), options_(options) {}

  std::vector<record::TrialRange> next() {
    if (cancelled_) {
      return {};
    }
    if (options_.stop != nullptr && *options_.stop) {
      ending_ = Ending::stopped;
      return {};
    }
    if (options_.deadline && std::chrono::steady_clock::now() >= *options_.deadline) {
      ending_ = Ending::out_of_time;
      return {};
    }
    const std::lock_guard lock(guard_);
    auto unit = job_.next();
    exhausted_ = unit.empty();
    return unit;
  }

  void cancel() { cancelled_ = true; }

  // A stop that came after the last unit was handed out changed nothing.
  Ending ending() {
    const std::lock_guard lock(guard_);
    return exhausted_ || job_.next().empty() ? Ending::complete : ending_.load();
  }

 private:
  std::mutex guard_;
  const Job& job_;
  bool exhausted_ = false;
  const LoopOptions& options_;
  std::atomic<bool> cancelled_{false};
  std::atomic<Ending> ending_{Ending::complete};
};

// How long rows may wait for a transaction of their own.
constexpr std::chrono::milliseconds patience{50};

}  // namespace

Ending run_job(const Job& job, std::size_t workers, Recorder& recorder, const LoopOptions& options,
               Progress& progress) {
  HandOut work(job, options);
  Queue<UnitRows> done(4 * workers + 8);
  std::exception_ptr failure;
  std::mutex failure_guard;

  const auto run_worker = [&](std::size_t worker) {
    try {
      execute::compute_on_one_thread();
      for (auto unit = work.next(); !unit.empty(); unit = work.next()) {
        UnitRows rows = job.run(worker, unit);
        recorder.prepare(rows);
        if (!done.push(std::move(rows))) {
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
    for (auto units = done.pop_all(patience); !units.empty(); units = done.pop_all(patience)) {
      recorder.add(std::move(units), progress);
    }
    recorder.finish();
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
