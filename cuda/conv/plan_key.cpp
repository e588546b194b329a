#include "cuda/conv/plan_key.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace softbeam::gpu {
namespace {

TensorLayout layout(Format format, std::array<std::int64_t, 4> sizes) {
  const auto [n, c, h, w] = sizes;
  if (format == Format::channels_first) return {sizes, {c * h * w, h * w, w, 1}};
  return {sizes, {h * w * c, 1, w * c, c}};
}

// The mixing step of splitmix64.
std::uint64_t mix(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15U + number;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

TensorLayout input_layout(const ConvGeometry& g) {
  return layout(g.format, {g.batch, g.channels, g.image.y, g.image.x});
}

TensorLayout weight_layout(const ConvGeometry& g) {
  return layout(g.format, {g.outputs, g.channels / g.groups, g.kernel.y, g.kernel.x});
}

TensorLayout output_layout(const ConvGeometry& g) {
  const Pair out = output_image(g);
  return layout(g.format, {g.batch, g.outputs, out.y, out.x});
}

int alignment_of(const void* address, injectors::DType dtype) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  if (number == 0) throw std::invalid_argument("a tensor of a convolution has no memory");
  const auto alignment = static_cast<int>(std::min<std::uintptr_t>(number & (~number + 1), 16));
  if (alignment < injectors::bytes(dtype)) {
    throw std::invalid_argument("a tensor of a convolution is aligned to " +
                                std::to_string(alignment) + " bytes (its words have " +
                                std::to_string(injectors::bytes(dtype)) + ")");
  }
  return alignment;
}

std::size_t PlanKeyHash::operator()(const PlanKey& key) const {
  const ConvGeometry& g = key.geometry;
  std::uint64_t hash = 0;
  for (const std::int64_t number : {static_cast<std::int64_t>(g.dtype),
                                    static_cast<std::int64_t>(g.format),
                                    g.batch,
                                    g.channels,
                                    g.image.y,
                                    g.image.x,
                                    g.outputs,
                                    g.groups,
                                    g.kernel.y,
                                    g.kernel.x,
                                    g.stride.y,
                                    g.stride.x,
                                    g.padding.y,
                                    g.padding.x,
                                    g.dilation.y,
                                    g.dilation.x,
                                    static_cast<std::int64_t>(key.alignments.input),
                                    static_cast<std::int64_t>(key.alignments.weight),
                                    static_cast<std::int64_t>(key.alignments.output),
                                    static_cast<std::int64_t>(key.tf32),
                                    key.workspace_limit,
                                    static_cast<std::int64_t>(key.proved)}) {
    hash = mix(hash, static_cast<std::uint64_t>(number));
  }
  return hash;
}

}  // namespace softbeam::gpu
