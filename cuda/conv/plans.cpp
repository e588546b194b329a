#include "cuda/conv/plans.h"

#include <string>
#include <utility>

#include "cuda/buffer.h"
#include "cuda/check.h"
#include "cuda/conv/select.h"
#include "cuda/error.h"

namespace softbeam::gpu {

ConvPlans::ConvPlans(const ConvOptions& options, DeviceMemory& memory)
    : options_(options), memory_(memory), plans_(options.plans) {}

std::shared_ptr<const ConvPlan> ConvPlans::find(const ConvGeometry& geometry,
                                                const Alignments& alignments,
                                                const ConvProof& proof) {
  check(geometry);
  const PlanKey key{.geometry = geometry,
                    .alignments = alignments,
                    .tf32 = options_.tf32,
                    .workspace_limit = options_.workspace_limit,
                    .proved = static_cast<bool>(proof)};
  if (auto known = plans_.find(key)) return known;
  std::shared_ptr<const ConvPlan> chosen = choose(key, proof);
  plans_.insert(key, chosen);
  return chosen;
}

std::shared_ptr<const ConvPlan> ConvPlans::choose(const PlanKey& key, const ConvProof& proof) {
  const ConvCandidates candidates(handle_, key);
  const EngineRules rules{
      .dtype = key.geometry.dtype, .tf32 = key.tf32, .workspace_limit = key.workspace_limit};
  Selector<ConvPlan> selector;
  selector.build = [&](std::size_t candidate) { return candidates.build(candidate); };
  if (proof) selector.proof = [&](ConvPlan& plan) { return proof(plan); };
  Selection<ConvPlan> selection = select<ConvPlan, GpuError>(candidates.engines(), rules, selector);
  if (selection.plan != nullptr) return std::move(selection.plan);
  throw GpuError(CUDNN_STATUS_NOT_SUPPORTED,
                 "no engine of cuDNN " + cudnn_version() + " may be used for the convolution " +
                     text(key.geometry) + " (" + text(selection.rejected) +
                     "); allow more workspace or TF32, or leave this layer to ATen");
}

void ConvPlans::run(const ConvPlan& plan, const ConvTensors& tensors, StreamRef stream) {
  // Given back at once: the pool hands it only to work that is queued behind on this stream.
  const DeviceBuffer<std::byte> workspace(static_cast<std::size_t>(plan.engine().workspace_bytes),
                                          memory_, stream);
  plan.run(handle_, tensors, workspace.data(), stream);
}

}  // namespace softbeam::gpu
