// The one definition of what a strike does to a stored word, for CPU and GPU.
#pragma once

#include <cstdint>

#include "injectors/corruption.h"
#include "injectors/host_device.h"

namespace softbeam::injectors {

// Word is std::uint8_t, uint16_t, uint32_t or uint64_t: the storage of an element, never its value,
// so that NaN payloads and signed zeros survive.
template <class Word>
SB_HD constexpr Word apply(Masks masks, Word word) {
  return static_cast<Word>((word & static_cast<Word>(masks.keep)) ^ static_cast<Word>(masks.flip));
}

// Strikes word `i` of the list in place and reports it: the body of the injection kernel.
template <class Word>
SB_HD void strike_word(std::uint64_t i, const Strike* strikes, Word* data, Effect* effects) {
  const Strike strike = strikes[i];
  effects[i].before = data[strike.offset];
  data[strike.offset] = apply(strike.masks, data[strike.offset]);
}

// Reads word `i` back from memory, in a later pass than the write.
template <class Word>
SB_HD void read_back(std::uint64_t i, const Strike* strikes, const Word* data, Effect* effects) {
  effects[i].after = data[strikes[i].offset];
}

}  // namespace softbeam::injectors
