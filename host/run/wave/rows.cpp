#include "host/run/wave/rows.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <new>

namespace softbeam::run {
namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t page = std::size_t{4} << 10;
constexpr std::size_t usual_block = std::size_t{256} << 10;

constexpr std::size_t rounded(std::size_t bytes, std::size_t step) {
  return (bytes + step - 1) / step * step;
}

// Sixteen sizes between a power of two and the next, so that blocks fit more than one value.
std::size_t size_of_block(std::size_t bytes) {
  return rounded(bytes, std::max(page, std::bit_floor(bytes) / 16));
}

}  // namespace

void RowPool::Unmap::operator()(std::byte* memory) const { ::munmap(memory, bytes); }

RowPool::Block RowPool::take(std::size_t least_bytes) {
  const std::size_t bytes = size_of_block(std::max(least_bytes, least_block));
  // The smallest that fits, but none that would be wasted on it.
  const auto best = free_.lower_bound(bytes);
  if (best != free_.end() && best->first <= bytes + bytes / 8) {
    Block block = std::move(best->second);
    free_.erase(best);
    return block;
  }
  release(bytes);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::bad_alloc();
  }
  held_ += bytes;
  peak_ = std::max(peak_, held_);
  return {std::unique_ptr<std::byte, Unmap>(static_cast<std::byte*>(memory), Unmap{bytes})};
}

void RowPool::limit(std::size_t bytes) {
  limit_ = bytes;
  release(0);
  peak_ = held_;
}

// Until so many bytes more are within the limit, or all that is held is in use.
void RowPool::release(std::size_t room) {
  while (!free_.empty() && (held_ > limit_ || room > limit_ - held_)) {
    const auto largest = std::prev(free_.end());
    held_ -= largest->first;
    free_.erase(largest);
  }
}

void RowPool::give(Block block) {
  const std::size_t bytes = block.bytes();
  free_.emplace(bytes, std::move(block));
}

std::byte* RowSet::allocate(std::size_t bytes, RowPool& pool) {
  bytes = rounded(bytes, alignment);
  if (blocks_.empty() || used_ + bytes > blocks_.back().bytes()) {
    // Whole rows of this size, so many that the block is a small part of what the set holds.
    const std::size_t count = std::min(usual_block, held_ / 8) / std::max(bytes, alignment);
    blocks_.push_back(pool.take(std::max<std::size_t>(count, 1) * bytes));
    held_ += blocks_.back().bytes();
    used_ = 0;
  }
  std::byte* data = blocks_.back().memory.get() + used_;
  used_ += bytes;
  return data;
}

void RowSet::take_back(std::size_t bytes) { used_ -= rounded(bytes, alignment); }

void RowSet::clear(RowPool& pool) {
  for (RowPool::Block& block : blocks_) {
    pool.give(std::move(block));
  }
  blocks_.clear();
  rows.clear();
  used_ = 0;
  held_ = 0;
}

}  // namespace softbeam::run
