// A loop over independent items by a fixed set of workers.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace softbeam {

// Calls body(worker, item) for every item of [0, items), each worker on a thread of its own (one
// worker: on the caller's). The first exception stops the hand-out of items and is thrown again
// here, after all workers have come back.
template <class Body>
void parallel_for(std::size_t workers, std::uint64_t items, Body body) {
  std::atomic<std::uint64_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_guard;
  const auto work = [&](std::size_t worker) {
    try {
      for (std::uint64_t item = next++; item < items; item = next++) {
        body(worker, item);
      }
    } catch (...) {
      const std::lock_guard lock(failure_guard);
      if (!failure) {
        failure = std::current_exception();
      }
      next = items;
    }
  };
  if (workers <= 1) {
    work(0);
  } else {
    std::vector<std::jthread> threads;
    for (std::size_t w = 0; w < workers; ++w) {
      threads.emplace_back(work, w);
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace softbeam
