// Boxes of rows, with the ids of those that differ.
// Used by the tests of compaction on a CPU and on a GPU.
#pragma once

#include <cstdint>
#include <vector>

#include "injectors/window.h"
#include "tests/injectors/sampled.h"

namespace softbeam::gpu {

struct SurvivorCase {
  std::vector<injectors::Rect> boxes;
  std::vector<std::uint32_t> kept;
};

// From none to all of the rows, of sizes around those of warps and blocks.
inline std::vector<SurvivorCase> survivor_cases() {
  auto generator = tests::printed_generator();
  std::vector<SurvivorCase> cases;
  for (const std::uint32_t rows : {1U, 31U, 32U, 33U, 256U, 1025U, 100000U}) {
    for (const std::uint32_t percent : {0U, 3U, 50U, 100U}) {
      SurvivorCase c;
      for (std::uint32_t row = 0; row < rows; ++row) {
        const bool differs = generator() % 100 < percent;
        // An empty box as compare_windows() leaves it: minima at the far end.
        c.boxes.push_back(differs ? injectors::Rect{{1, 2}, {0, 3}}
                                  : injectors::Rect{{7, 0}, {7, 0}});
        if (differs) c.kept.push_back(row);
      }
      cases.push_back(std::move(c));
    }
  }
  return cases;
}

}  // namespace softbeam::gpu
