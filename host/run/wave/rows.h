// Rows: one trial's copy of one value, or of the window in which it differs from golden. Their
// memory comes from a pool of one worker and goes back when the value is dead.
#pragma once

#include <cstddef>
#include <cstdint>
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

// Memory in blocks that are used again.
class RowPool {
 public:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t bytes = 0;
  };
  Block take(std::size_t least_bytes);
  void give(Block block);
  std::size_t peak_bytes() const { return peak_; }

 private:
  std::vector<Block> free_;
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
};

}  // namespace softbeam::run
