// Whole rows against golden's, as proofs, sentinels and clean waves compare them: any NaN equals
// any other. Private to host/run/wave.
#pragma once

#include <cstddef>
#include <cstring>

#include "host/run/wave/same_words.h"
#include "host/run/wave/values.h"

namespace softbeam::run {

// `rows` whole rows of a value, one after the other.
inline bool same_rows(const WaveValue& value, const std::byte* a, const std::byte* b,
                      std::uint64_t rows = 1) {
  const std::uint64_t bytes = value.bytes() * rows;
  if (std::memcmp(a, b, bytes) == 0) {
    return true;
  }
  return value.float32 && same_words(reinterpret_cast<const float*>(a),
                                     reinterpret_cast<const float*>(b), bytes / sizeof(float));
}

}  // namespace softbeam::run
