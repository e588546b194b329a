// What makes two convolutions share a plan, and cuDNN's view of their tensors.
// Used by plan.cpp and plans.cpp; needs no GPU.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "cuda/conv/engine.h"
#include "cuda/conv/geometry.h"

namespace softbeam::gpu {

// Sizes and strides in words, in the order N, C, H, W whatever the format.
struct TensorLayout {
  std::array<std::int64_t, 4> sizes{};
  std::array<std::int64_t, 4> strides{};
  friend constexpr bool operator==(const TensorLayout&, const TensorLayout&) = default;
};

TensorLayout input_layout(const ConvGeometry& geometry);
TensorLayout weight_layout(const ConvGeometry& geometry);
TensorLayout output_layout(const ConvGeometry& geometry);

// The largest power of two, up to 16 bytes, that divides an address: engines that load 16 bytes at
// once refuse less. Throws std::invalid_argument for a null pointer and for one that is not aligned
// to its words.
int alignment_of(const void* address, injectors::DType dtype);

struct Alignments {
  int input = 16;
  int weight = 16;
  int output = 16;
  friend constexpr bool operator==(const Alignments&, const Alignments&) = default;
};

// Strides follow from geometry and format.
struct PlanKey {
  ConvGeometry geometry;
  Alignments alignments;
  Tf32 tf32 = Tf32::off;
  std::int64_t workspace_limit = 0;
  bool proved = false;  // a plan that no proof was asked about is not given to who asks for one
  friend constexpr bool operator==(const PlanKey&, const PlanKey&) = default;
};

struct PlanKeyHash {
  std::size_t operator()(const PlanKey& key) const;
};

}  // namespace softbeam::gpu
