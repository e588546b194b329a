// The memory of rows: little is wasted, and what nobody uses is given back.
#include "host/run/wave/rows.h"

#include <gtest/gtest.h>

namespace softbeam::run {
namespace {

TEST(RowPool, HoldsLittleMoreThanItsRows) {
  for (const std::size_t row : {256U, 20'000U, 140'000U, 300'000U, 5'000'000U}) {
    RowPool pool;
    RowSet set;
    std::uint64_t counted = 0;
    while (counted < (std::uint64_t{64} << 20U)) {
      set.allocate(row, pool);
      counted += RowPool::held_for(row);
    }
    EXPECT_LE(pool.held_bytes(), counted) << "rows of " << row;
    set.clear(pool);
  }
}

TEST(RowPool, UsesBlocksAgain) {
  RowPool pool;
  for (int n = 0; n < 10; ++n) {
    RowSet set;
    for (int i = 0; i < 100; ++i) set.allocate(100'000, pool);
    set.clear(pool);
  }
  EXPECT_LT(pool.peak_bytes(), std::size_t{13} << 20U);
}

TEST(RowPool, GivesBackWhatNobodyUsesBeforeItHoldsMoreThanItsLimit) {
  RowPool pool;
  constexpr std::size_t limit = std::size_t{16} << 20U;
  pool.limit(limit);
  for (const std::size_t row : {400'000U, 3'000'000U, 50'000U, 12'000'000U, 1'000U}) {
    RowSet set;
    for (std::size_t used = 0; used + row < limit / 2; used += row) set.allocate(row, pool);
    set.allocate(row, pool);
    set.clear(pool);
    EXPECT_LE(pool.peak_bytes(), limit) << "rows of " << row;
  }
}

TEST(RowSet, AllocatesAlignedMemoryThatStaysWhereItIs) {
  RowPool pool;
  RowSet set;
  std::vector<std::byte*> rows;
  for (int i = 0; i < 1000; ++i) {
    rows.push_back(set.allocate(100, pool));
    *rows.back() = static_cast<std::byte>(i % 251);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(rows.back()) % 64, 0U);
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(*rows[static_cast<std::size_t>(i)], static_cast<std::byte>(i % 251));
  }
  set.clear(pool);
}

}  // namespace
}  // namespace softbeam::run
