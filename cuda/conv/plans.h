// The convolutions of one device: chooses an engine for each, keeps a bounded number of plans, and
// runs them. Used by the backend; compiles with g++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "cuda/conv/lru_cache.h"
#include "cuda/conv/plan.h"
#include "cuda/handle.h"
#include "cuda/memory.h"
#include "cuda/stream.h"

namespace softbeam::gpu {

struct ConvOptions {
  Tf32 tf32 = Tf32::off;
  std::int64_t workspace_limit = std::int64_t{256} << 20;  // bytes
  std::size_t plans = 256;                                 // kept
};

// Asked about an engine that is allowed and built, with its plan ready to run; false refuses it,
// and the next one is tried. What must hold is the caller's to say: that outputs do not depend on
// their position in the image, say, or that two runs agree.
using ConvProof = std::function<bool(const ConvPlan&)>;

// One thread at a time, on the device that was current at construction.
class ConvPlans {
 public:
  // `memory` outlives this object. Throws GpuError where cuDNN does not start.
  ConvPlans(const ConvOptions& options, DeviceMemory& memory);

  // The plan of a layer, from the cache or newly chosen; hold it for as long as the layer's results
  // must stay the same, whatever the cache forgets. A proof is asked once for each plan: give the
  // same one for the same layer. Throws std::invalid_argument for an impossible geometry, and
  // GpuError with the reasons where no engine is left.
  std::shared_ptr<const ConvPlan> find(const ConvGeometry& geometry,
                                       const Alignments& alignments = {},
                                       const ConvProof& proof = {});

  // Queues the convolution on the stream and does not wait; its workspace comes from `memory`.
  void run(const ConvPlan& plan, const ConvTensors& tensors, StreamRef stream);

 private:
  std::shared_ptr<const ConvPlan> choose(const PlanKey& key, const ConvProof& proof);

  ConvOptions options_;
  DeviceMemory& memory_;
  CudnnHandle handle_;
  LruCache<PlanKey, const ConvPlan, PlanKeyHash> plans_;
};

}  // namespace softbeam::gpu
