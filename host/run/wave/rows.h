// Rows: one trial's copy of one value, or of the window in which it differs from golden. Their
// memory comes from a pool of one worker and goes back when the value is dead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "injectors/window.h"

namespace softbeam::run {

struct Row {
  std::uint32_t trial = 0;    // index within the wave
  injectors::Rect rect;       // whole image for values that are none
  std::byte* data = nullptr;  // [channels][rect.height][rect.width]
  const float* floats() const { return reinterpret_cast<const float*>(data); }
};

inline bool earlier(const Row& a, const Row& b) { return a.trial < b.trial; }

// Memory of the system's own pages in blocks that are used again, and given back where more than
// the limit would be held.
class RowPool {
 public:
  struct Unmap {
    std::size_t bytes = 0;
    void operator()(std::byte* memory) const;
  };
  struct Block {
    std::unique_ptr<std::byte, Unmap> memory;
    std::size_t bytes() const { return memory.get_deleter().bytes; }
  };
  // Throws std::bad_alloc.
  Block take(std::size_t least_bytes);
  void give(Block block);
  // Blocks that nobody uses go back to the system before more than this is held. What is in use may
  // be more: the caller's groups are cut for it. The peak is counted anew.
  void limit(std::size_t bytes);
  std::size_t held_bytes() const { return held_; }
  std::size_t peak_bytes() const { return peak_; }

  // The rows of one value take a block of at least this.
  static constexpr std::size_t least_block = std::size_t{16} << 10;
  // What a row of so many bytes takes of a pool at most: blocks do not end with their last row.
  static std::uint64_t held_for(std::uint64_t bytes) { return bytes + bytes / 4 + 64; }

 private:
  void release(std::size_t room);

  std::multimap<std::size_t, Block> free_;  // by size
  std::size_t limit_ = SIZE_MAX;
  std::size_t held_ = 0;
  std::size_t peak_ = 0;
};

// The rows of one value, ascending by trial once sorted.
class RowSet {
 public:
  std::vector<Row> rows;
  // Memory for one row, 64-byte aligned; it stays where it is until clear().
  std::byte* allocate(std::size_t bytes, RowPool& pool);
  // Undoes the last allocate() of so many bytes.
  void take_back(std::size_t bytes);
  void clear(RowPool& pool);

 private:
  std::vector<RowPool::Block> blocks_;
  std::size_t used_ = 0;  // of the last block
  std::size_t held_ = 0;  // by all blocks
};

}  // namespace softbeam::run
