// Corrupts words in device memory: launchers of the bodies in injectors/apply.h.
// Used by host/backend/cuda_backend.cpp and by tests; compiles with g++.
#pragma once

#include <cstdint>

#include "cuda/stream.h"
#include "injectors/corruption.h"
#include "injectors/dtype.h"

namespace softbeam::gpu {

// Words of 1, 2, 4 or 8 bytes in the memory of the current device, aligned to their size.
struct DeviceWords {
  void* data = nullptr;
  int word_bytes = 0;
};

// All launchers queue one kernel on the stream, on the current device, and do not wait.
// `strikes` and `effects` are arrays of `count` elements in device memory that stay untouched until
// the stream has passed; nothing is launched for a count of 0. Throw GpuError if a kernel cannot be
// launched, and std::invalid_argument for another size of words.
//
// Contract, checked by the caller: offsets are inside the memory and distinct within one call.
// Two strikes on one word would race.

// Strikes every word in place and stores the words before into effects[i].before.
void strike_words(DeviceWords words, const injectors::Strike* strikes, injectors::Effect* effects,
                  std::uint64_t count, StreamRef stream);

// Stores every struck word as memory now holds it into effects[i].after.
void read_back_words(DeviceWords words, const injectors::Strike* strikes,
                     injectors::Effect* effects, std::uint64_t count, StreamRef stream);

// The same for words that the model computed: a NaN is taken for the canonical one, as
// injectors/strike_computed.h says.
void strike_computed_words(void* data, injectors::DType dtype, const injectors::Strike* strikes,
                           injectors::Effect* effects, std::uint64_t count, StreamRef stream);
void read_back_computed_words(const void* data, injectors::DType dtype,
                              const injectors::Strike* strikes, injectors::Effect* effects,
                              std::uint64_t count, StreamRef stream);

// Whether this build has code for the current device's architecture. Never throws.
bool has_code_for_current_device();

}  // namespace softbeam::gpu
