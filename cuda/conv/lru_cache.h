// A bounded map that forgets what was not used for the longest time.
// Used for convolution plans; values are shared, so that one in use outlives its place here.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace softbeam::gpu {

// Not safe for several threads at once.
template <class Key, class Value, class Hash>
class LruCache {
 public:
  explicit LruCache(std::size_t capacity) : capacity_(capacity) {
    if (capacity == 0) throw std::invalid_argument("a cache needs room for one entry or more");
  }

  // Null where the key is not known. What is found becomes the most recent.
  std::shared_ptr<Value> find(const Key& key) {
    const auto known = index_.find(key);
    if (known == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->second;
  }

  // Replaces the value of a known key.
  void insert(const Key& key, std::shared_ptr<Value> value) {
    if (const auto known = index_.find(key); known != index_.end()) {
      known->second->second = std::move(value);
      entries_.splice(entries_.begin(), entries_, known->second);
      return;
    }
    entries_.emplace_front(key, std::move(value));
    index_.emplace(key, entries_.begin());
    if (entries_.size() > capacity_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
  }

  std::size_t size() const { return entries_.size(); }
  std::size_t capacity() const { return capacity_; }

 private:
  using Entries = std::list<std::pair<Key, std::shared_ptr<Value>>>;  // the most recent first
  std::size_t capacity_;
  Entries entries_;
  std::unordered_map<Key, typename Entries::iterator, Hash> index_;
};

}  // namespace softbeam::gpu
