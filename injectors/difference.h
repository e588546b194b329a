// Bitwise difference of a row and golden: which words of a line differ. Signed zeros and NaN
// payloads count. Used by the wave on the CPU and by the comparing kernel.
#pragma once

#include <cstdint>

#include "injectors/host_device.h"
#include "injectors/window.h"

namespace softbeam::injectors {

// Widens `known`, the columns in which lines seen earlier differ, by those of this line. Columns
// inside of it are not read again.
template <class Word>
SB_HD constexpr Span widened(Span known, const Word* row, const Word* golden, std::int32_t count) {
  if (known.empty()) {
    std::int32_t first = 0;
    while (first < count && row[first] == golden[first]) {
      ++first;
    }
    if (first == count) {
      return {};
    }
    known = {first, first + 1};
  } else {
    for (std::int32_t x = 0; x < known.first; ++x) {
      if (row[x] != golden[x]) {
        known.first = x;
        break;
      }
    }
  }
  for (std::int32_t x = count - 1; x >= known.last; --x) {
    if (row[x] != golden[x]) {
      known.last = x + 1;
      break;
    }
  }
  return known;
}

}  // namespace softbeam::injectors
