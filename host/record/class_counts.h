// How many trials there are of each packed class: a flat table that grows with the classes, not
// with the trials. Used by Tally.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace softbeam::record {

class ClassCounts {
 public:
  // `packed` is not 0, which marks an empty place.
  void add(std::uint64_t packed, std::uint64_t trials = 1) {
    if (2 * (used_ + 1) > places_.size()) grow();
    Place& place = find(packed);
    used_ += place.packed == 0 ? 1 : 0;
    place.packed = packed;
    place.trials += trials;
  }

  // In no particular order: visit(packed, trials).
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Place& place : places_) {
      if (place.packed != 0) visit(place.packed, place.trials);
    }
  }

  std::size_t size() const { return used_; }

 private:
  struct Place {
    std::uint64_t packed = 0;
    std::uint64_t trials = 0;
  };

  // Its own place, or the empty one where it belongs.
  Place& find(std::uint64_t packed) {
    constexpr std::uint64_t golden_ratio =
        0x9e3779b97f4a7c15;  // Fibonacci hashing: Knuth, TAOCP 6.4
    std::size_t at = packed * golden_ratio >> shift_;
    while (places_[at].packed != 0 && places_[at].packed != packed) {
      at = (at + 1) & (places_.size() - 1);
    }
    return places_[at];
  }
  void grow();

  std::vector<Place> places_;  // none, or a power of two
  std::size_t used_ = 0;
  int shift_ = 0;  // 64 less the binary logarithm of places
};

}  // namespace softbeam::record
