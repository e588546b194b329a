// The best scores of a row and the margin between the first two; the body of the top-k kernel.
// Used where outputs of classifiers are judged. Any order of insertions gives the same answer.
#pragma once

#include <cstdint>
#include <limits>

#include "injectors/host_device.h"

namespace softbeam::injectors {

// Li et al., SC'17, look no further than the fifth (SDC-5).
inline constexpr std::int32_t top_places = 5;
inline constexpr double no_rival = std::numeric_limits<double>::infinity();

// Best first, ties to the lowest index, as in compare::golden_answer. NaNs have no place: a row
// with NaN has no answer, which the census says.
struct TopK {
  double scores[top_places] = {};  // the stored scores, widened
  std::int32_t indices[top_places] = {};
  std::int32_t known = 0;  // only the first `known` places count

  SB_HD constexpr void insert(double score, std::int32_t index) {
    if (score != score) return;
    std::int32_t place = known;
    while (place > 0 && before(score, index, scores[place - 1], indices[place - 1])) {
      if (place < top_places) {
        scores[place] = scores[place - 1];
        indices[place] = indices[place - 1];
      }
      --place;
    }
    if (place == top_places) return;
    scores[place] = score;
    indices[place] = index;
    if (known < top_places) ++known;
  }

  SB_HD constexpr void insert(const TopK& other) {
    for (std::int32_t i = 0; i < other.known; ++i) {
      insert(other.scores[i], other.indices[i]);
    }
  }

  // By how much the best leads; infinite where there is no second, NaN between equal infinities.
  SB_HD constexpr double margin() const { return known < 2 ? no_rival : scores[0] - scores[1]; }

 private:
  SB_HD static constexpr bool before(double a, std::int32_t a_index, double b,
                                     std::int32_t b_index) {
    return a > b || (a == b && a_index < b_index);
  }
};

// The share of a row that starts at `first` and takes every `step`-th score.
template <class Type>
SB_HD constexpr TopK top_of(const typename Type::Word* row, std::int32_t classes,
                            std::int32_t first, std::int32_t step) {
  TopK best;
  for (std::int32_t i = first; i < classes; i += step) {
    best.insert(static_cast<double>(Type::widen(row[i])), i);
  }
  return best;
}

}  // namespace softbeam::injectors
