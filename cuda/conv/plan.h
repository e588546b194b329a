// A convolution that cuDNN has prepared: one engine, built for one geometry.
// Made by plans.cpp, kept by whoever runs the layer; compiles with g++.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cuda/conv/engine.h"
#include "cuda/conv/plan_key.h"
#include "cuda/handle.h"
#include "cuda/stream.h"

namespace softbeam::gpu {

// In device memory, packed, in the geometry's type and format.
struct ConvTensors {
  const void* input = nullptr;
  const void* weight = nullptr;
  void* output = nullptr;
};

// Throws std::invalid_argument as alignment_of() does.
Alignments alignments_of(const ConvTensors& tensors, injectors::DType dtype);

// cuDNN's side of a plan; it shows types of its headers and is defined in plan.cpp.
struct BuiltPlan;
struct DestroyBuiltPlan {
  void operator()(BuiltPlan* plan) const noexcept;
};

class ConvPlan {
 public:
  ConvPlan(const PlanKey& key, Engine engine, std::unique_ptr<BuiltPlan, DestroyBuiltPlan> built);

  const PlanKey& key() const { return key_; }
  const ConvGeometry& geometry() const { return key_.geometry; }
  const Engine& engine() const { return engine_; }  // its name goes into the record

  // Queues the convolution on the stream and does not wait. `workspace` has
  // engine().workspace_bytes bytes of device memory. Throws GpuError, and std::invalid_argument for
  // a tensor that is less aligned than the plan was built for.
  void run(CudnnHandle& handle, const ConvTensors& tensors, void* workspace,
           StreamRef stream) const;

 private:
  PlanKey key_;
  Engine engine_;
  std::unique_ptr<BuiltPlan, DestroyBuiltPlan> built_;
};

// What cuDNN's heuristics propose for a geometry, the fastest first.
class ConvCandidates {
 public:
  // Throws GpuError where cuDNN refuses the geometry.
  ConvCandidates(CudnnHandle& handle, const PlanKey& key);
  ~ConvCandidates();
  ConvCandidates(const ConvCandidates&) = delete;
  ConvCandidates& operator=(const ConvCandidates&) = delete;

  const std::vector<Engine>& engines() const { return engines_; }  // workspaces not yet known
  // Throws GpuError where the engine does not support the geometry after all.
  std::unique_ptr<ConvPlan> build(std::size_t candidate) const;

 private:
  struct Configurations;
  PlanKey key_;
  std::unique_ptr<Configurations> configurations_;
  std::vector<Engine> engines_;
};

}  // namespace softbeam::gpu
