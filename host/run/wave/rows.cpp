#include "host/run/wave/rows.h"

#include <algorithm>

namespace softbeam::run {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t least_block = std::size_t{256} << 10;

std::size_t rounded(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

std::byte* aligned(std::byte* memory) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  return memory + (rounded(address) - address);
}

}  // namespace

RowPool::Block RowPool::take(std::size_t least_bytes) {
  const std::size_t bytes = std::max(least_bytes, least_block);
  // The smallest that fits, but none that would be wasted on it.
  auto best = free_.end();
  for (auto block = free_.begin(); block != free_.end(); ++block) {
    if (block->bytes >= bytes && block->bytes <= 2 * bytes &&
        (best == free_.end() || block->bytes < best->bytes)) {
      best = block;
    }
  }
  if (best != free_.end()) {
    Block block = std::move(*best);
    *best = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  held_ += bytes;
  peak_ = std::max(peak_, held_);
  return {std::unique_ptr<std::byte[]>(new std::byte[bytes]), bytes};
}

void RowPool::give(Block block) { free_.push_back(std::move(block)); }

std::byte* RowSet::allocate(std::size_t bytes, RowPool& pool) {
  bytes = rounded(bytes);
  if (blocks_.empty() || used_ + bytes > blocks_.back().bytes) {
    blocks_.push_back(pool.take(bytes + alignment));
    std::byte* memory = blocks_.back().memory.get();
    used_ = static_cast<std::size_t>(aligned(memory) - memory);
  }
  std::byte* data = blocks_.back().memory.get() + used_;
  used_ += bytes;
  return data;
}

void RowSet::take_back(std::size_t bytes) { used_ -= rounded(bytes); }

void RowSet::clear(RowPool& pool) {
  for (RowPool::Block& block : blocks_) {
    pool.give(std::move(block));
  }
  blocks_.clear();
  rows.clear();
  used_ = 0;
}

}  // namespace softbeam::run
