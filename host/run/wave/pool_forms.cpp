#include "host/run/wave/pool_forms.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/max_pool2d.h>
#include <fmt/format.h>

#include <algorithm>

#include "host/run/wave/same_words.h"

namespace softbeam::run {
namespace {

using injectors::Axis;
using injectors::Rect;

constexpr std::size_t proof_windows = 200;
constexpr std::int32_t most_outputs_a_side = 5;

bool counts_with_ceiling(const Axis& axis) {
  return axis.out >
         injectors::floor_divide(axis.in + 2 * axis.padding - axis.reach(), axis.stride) + 1;
}

}  // namespace

WholePool library_pooling() {
  return [](const Pooling& pooling, const at::Tensor& images) {
    const Axis& y = pooling.y;
    const Axis& x = pooling.x;
    const bool ceiling = counts_with_ceiling(y) || counts_with_ceiling(x);
    if (pooling.kind == Pooling::Kind::max) {
      return at::max_pool2d(images, {y.kernel, x.kernel}, {y.stride, x.stride},
                            {y.padding, x.padding}, {y.dilation, x.dilation}, ceiling);
    }
    const auto divisor =
        pooling.divisor == 0 ? std::nullopt : std::optional<std::int64_t>(pooling.divisor);
    return at::avg_pool2d(images, {y.kernel, x.kernel}, {y.stride, x.stride},
                          {y.padding, x.padding}, ceiling, pooling.count_include_pad, divisor);
  };
}

PoolForms::PoolForms(std::size_t steps, std::uint64_t seed, WholePool whole)
    : seed_(seed), whole_(std::move(whole)) {
  nodes_.reserve(steps);
  for (std::size_t s = 0; s < steps; ++s) {
    nodes_.push_back(std::make_unique<Node>());
  }
}

bool PoolForms::usable(std::size_t step, const Pooling& pooling, std::int32_t channels,
                       const std::string& name, const GoldenImages& golden) {
  Node& node = *nodes_[step];
  const std::scoped_lock lock(node.mutex);
  if (!node.tried) {
    node.tried = true;
    node.name = name;
    node.failure = prove(pooling, channels, golden, step);
  }
  return node.failure.empty();
}

std::string PoolForms::prove(const Pooling& pooling, std::int32_t channels,
                             const GoldenImages& golden, std::uint64_t id) const {
  injectors::Stream random(seed_, id, injectors::Purpose::probe);
  const auto images = proof_images(
      {channels, pooling.y.in, pooling.x.in}, {channels, pooling.y.out, pooling.x.out},
      [&](const at::Tensor& chunk) { return whole_(pooling, chunk); }, golden, random);
  if (!images) {
    return "whole images do not come out as golden did";
  }
  const WindowPool pool(pooling, channels);
  std::vector<float> memory;
  for (std::size_t n = 0; n < proof_windows; ++n) {
    const std::size_t kind = n / 4 % 3;
    const std::size_t sample = random.below(golden.size());
    const auto span = [&](const Axis& axis, std::size_t corner) {
      const auto size = static_cast<std::int32_t>(random.below(most_outputs_a_side)) + 1;
      return intersected(random_span(axis, size, n < 12 ? corner : 2, random),
                         injectors::Span{0, axis.out});
    };
    const Rect outputs{span(pooling.y, n % 2), span(pooling.x, n / 2 % 2)};
    const ProofImage& made = kind == 1 ? images->noise : images->hostile;
    const float* input = kind == 0 ? golden.inputs[sample] : made.input.data();
    const float* expected = kind == 0 ? golden.outputs[sample] : made.output.data();
    const float* results = pool({.golden = input, .outputs = outputs}, memory);
    if (!equals_image(results, outputs, {channels, pooling.y.out, pooling.x.out}, expected)) {
      return fmt::format("a window{} differs from the library's whole images",
                         kind == 2 ? " of hostile values" : "");
    }
  }
  return "";
}

std::vector<SwitchedOff> PoolForms::switched_off() const {
  std::vector<SwitchedOff> all;
  for (const auto& node : nodes_) {
    const std::scoped_lock lock(node->mutex);
    if (!node->failure.empty()) {
      all.push_back({node->name, Form::crop, "all", node->failure});
    }
  }
  return all;
}

}  // namespace softbeam::run
