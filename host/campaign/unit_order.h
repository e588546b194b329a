// Private: in which order a unit's trials go through the wave, and a worker's memory for them.
// Used by wave_unit.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "host/run/chunk.h"

namespace softbeam::campaign {

struct Drawn {
  std::uint32_t step = UINT32_MAX;  // where its first strike joins
  std::uint32_t sample = 0;         // within the block
  std::uint32_t place = 0;          // in the unit
  std::uint64_t bytes = 0;          // of rows, at most
};

// Sorts by step, then sample, then the order they come in: rows of one layer lie together, then
// those of one sample. Both are below their bounds. By counting, since a unit holds thousands.
class UnitOrder {
 public:
  void sort(std::vector<Drawn>& drawn, std::uint32_t steps, std::uint32_t samples);

 private:
  std::vector<std::uint32_t> starts_;
  std::vector<Drawn> sorted_;
};

// Used again from unit to unit.
struct UnitScratch {
  run::Chunk unit;   // as drawn
  run::Chunk group;  // in the wave's order
  std::vector<Drawn> drawn;
  UnitOrder order;
  std::vector<std::uint32_t> places;  // of the group's trials in the unit
  std::vector<std::uint32_t> plain;   // places of those that run as full inferences
  std::vector<injectors::Effect> effects;
};

}  // namespace softbeam::campaign
