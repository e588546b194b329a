// A bounded queue from several producers to one consumer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace softbeam {

template <class Item>
class Queue {
 public:
  explicit Queue(std::size_t capacity) : capacity_(capacity) {}

  // Before the first producer starts.
  void set_producers(std::size_t count) { producers_ = count; }

  // Waits for room; false if the queue was closed meanwhile.
  bool push(Item item) {
    std::unique_lock lock(guard_);
    room_.wait(lock, [&] { return items_.size() < capacity_ || closed_; });
    if (closed_) {
      return false;
    }
    items_.push_back(std::move(item));
    if (2 * items_.size() >= capacity_) {
      filled_.notify_one();
    }
    return true;
  }

  void producer_done() {
    const std::lock_guard lock(guard_);
    --producers_;
    filled_.notify_one();
  }

  // Waits until the queue is half full, `patience` has passed or all producers are done, and takes
  // all items there are. Empty once all producers are done and nothing is left.
  std::deque<Item> pop_all(std::chrono::milliseconds patience) {
    std::unique_lock lock(guard_);
    const auto ready = [&] { return 2 * items_.size() >= capacity_ || producers_ == 0; };
    do {
      filled_.wait_for(lock, patience, ready);
    } while (items_.empty() && producers_ > 0);
    room_.notify_all();
    return std::exchange(items_, {});
  }

  void close() {
    const std::lock_guard lock(guard_);
    closed_ = true;
    room_.notify_all();
  }

 private:
  std::size_t capacity_;
  std::mutex guard_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<Item> items_;
  std::size_t producers_ = 0;
  bool closed_ = false;
};

}  // namespace softbeam
