#include "cuda/conv/lru_cache.h"

#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <random>
#include <stdexcept>
#include <string>

namespace softbeam::gpu {
namespace {

using Cache = LruCache<int, const std::string, std::hash<int>>;

std::shared_ptr<const std::string> value(const std::string& text) {
  return std::make_shared<const std::string>(text);
}

TEST(LruCache, ForgetsWhatWasNotUsedForTheLongestTime) {
  Cache cache(2);
  cache.insert(1, value("one"));
  cache.insert(2, value("two"));
  EXPECT_EQ(*cache.find(1), "one");
  cache.insert(3, value("three"));
  EXPECT_EQ(cache.find(2), nullptr);
  EXPECT_EQ(*cache.find(1), "one");
  EXPECT_EQ(*cache.find(3), "three");
  EXPECT_EQ(cache.size(), 2U);
}

TEST(LruCache, AnInsertionOfAKnownKeyReplacesItsValue) {
  Cache cache(2);
  cache.insert(1, value("old"));
  cache.insert(2, value("two"));
  cache.insert(1, value("new"));
  EXPECT_EQ(cache.size(), 2U);
  cache.insert(3, value("three"));  // 2 is the oldest now
  EXPECT_EQ(*cache.find(1), "new");
  EXPECT_EQ(cache.find(2), nullptr);
}

TEST(LruCache, WhatIsInUseOutlivesItsPlace) {
  Cache cache(1);
  cache.insert(1, value("one"));
  const auto held = cache.find(1);
  cache.insert(2, value("two"));
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_EQ(*held, "one");
}

TEST(LruCache, RefusesToHoldNothing) { EXPECT_THROW(Cache(0), std::invalid_argument); }

// Against a list that is searched from the front.
TEST(LruCache, BehavesAsAListOfTheMostRecent) {
  std::mt19937 random(7);
  Cache cache(5);
  std::list<int> recent;
  for (int i = 0; i < 20000; ++i) {
    const int key = static_cast<int>(random() % 9);
    const bool known = std::find(recent.begin(), recent.end(), key) != recent.end();
    ASSERT_EQ(cache.find(key) != nullptr, known) << i;
    if (!known) cache.insert(key, value(std::to_string(key)));
    recent.remove(key);
    recent.push_front(key);
    if (recent.size() > 5) recent.pop_back();
    ASSERT_EQ(cache.size(), recent.size());
  }
}

}  // namespace
}  // namespace softbeam::gpu
