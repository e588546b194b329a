#include "host/record/class_counts.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace softbeam::record {

void ClassCounts::grow() {
  constexpr std::size_t least = 64;
  const std::vector<Place> before =
      std::exchange(places_, std::vector<Place>(std::max(least, 2 * places_.size())));
  shift_ = 64 - std::countr_zero(places_.size());
  for (const Place& place : before) {
    if (place.packed != 0) find(place.packed) = place;
  }
}

}  // namespace softbeam::record
