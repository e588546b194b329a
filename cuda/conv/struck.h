// A convolution whose output is struck before anyone reads it: convolve, add the bias, strike, read
// back, all on one stream and in place. Used by the backend; compiles with g++.
#pragma once

#include <cstdint>
#include <span>

#include "cuda/conv/plans.h"
#include "cuda/memory.h"
#include "cuda/stream.h"
#include "injectors/corruption.h"

namespace softbeam::gpu {

struct StruckCall {
  ConvTensors tensors;
  const void* bias = nullptr;  // one word an output channel, in device memory; null: none
};

// Queues the whole on the stream, on the current device, and does not wait. `strikes` and `effects`
// are arrays of `count` elements in device memory that stay untouched until the stream has passed.
// Offsets count words from the first of the output in memory; they lie inside of it and are
// distinct (checked by the caller). A NaN is taken for the canonical one
// (injectors/strike_computed.h). Throws GpuError.
void convolve_and_strike(ConvPlans& plans, const ConvPlan& plan, const StruckCall& call,
                         const injectors::Strike* strikes, injectors::Effect* effects,
                         std::uint64_t count, StreamRef stream);

// The same for lists on the host; effects.size() == strikes.size(). Returns when the effects are
// there. Throws std::invalid_argument where offsets are outside of the output or meet, before
// anything is queued. Lists go through working memory from `memory`.
void convolve_and_strike(ConvPlans& plans, const ConvPlan& plan, const StruckCall& call,
                         std::span<const injectors::Strike> strikes,
                         std::span<injectors::Effect> effects, DeviceMemory& memory,
                         StreamRef stream);

}  // namespace softbeam::gpu
