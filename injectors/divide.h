// Division of indices: GPUs have no instruction for 64 bits, and nearly all indices fit into 32.
// Used by the bodies that find the place of a word.
#pragma once

#include <cstdint>

#include "injectors/host_device.h"

namespace softbeam::injectors {

struct Divided {
  std::uint64_t quotient = 0;
  std::uint64_t rest = 0;
};

SB_HD constexpr Divided divided(std::uint64_t number, std::uint64_t by) {
  if (((number | by) >> 32) == 0) {
    const auto narrow = static_cast<std::uint32_t>(number);
    const auto narrow_by = static_cast<std::uint32_t>(by);
    return {narrow / narrow_by, narrow % narrow_by};
  }
  return {number / by, number % by};
}

}  // namespace softbeam::injectors
