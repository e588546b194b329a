// A region: elementwise nodes (batch norm, add, activation, concatenation, channel slices) that are
// computed in one pass over a window. Found and proved once, then used by the sweep.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/run/wave/capture.h"
#include "host/run/wave/values.h"

namespace softbeam::run {

enum class StageKind : std::uint8_t {
  batch_norm,   // y = fma(x, scale[c], shift[c])
  relu,         // max(0, x); NaN and -0.0 stay
  clamp,        // hardtanh, relu6, clamp
  add,          // a + alpha * b
  subtract,     // a - alpha * b
  multiply,     // a * b
  concatenate,  // channels of all inputs, one after the other
  channels,     // channels [first, first + count) of the input
  identity,     // dropout in eval mode, contiguous, clone, ...
  unary,        // any other elementwise operator of one input, through ATen
};

struct Stage {
  StageKind kind = StageKind::identity;
  model::NodeId node = model::no_node;
  std::vector<std::uint32_t> inputs;  // operands; `scalar` stands in for a missing second one
  std::uint32_t output = 0;           // operand
  float low = 0.0F;                   // clamp
  float high = 0.0F;
  float alpha = 1.0F;  // add, subtract
  bool has_scalar = false;
  float scalar = 0.0F;
  std::int32_t first_channel = 0;  // channels
  std::vector<float> scale;        // batch norm, by channel
  std::vector<float> shift;
  std::function<at::Tensor(const at::Tensor&)> apply;  // unary
};

// Stages that are computed in one go where nobody looks at what lies between them: batch norm, sum,
// activation.
struct Pass {
  std::uint32_t first = 0;
  std::uint32_t count = 1;
};

struct Region {
  std::vector<model::NodeId> nodes;  // ascending; the region is computed when the first is due
  // External inputs first, then the stages' outputs. All are images of one height and width, or
  // all are whole rows (height = width = 1).
  std::vector<model::ValueId> operands;
  std::vector<std::int32_t> channels;  // by operand
  std::int32_t height = 1;
  std::int32_t width = 1;
  std::size_t externals = 0;
  std::vector<Stage> stages;            // in execution order
  std::vector<Pass> passes;             // the stages again
  std::vector<std::uint32_t> exported;  // operands that nodes outside read, or the model's outputs
  // Some stage's output reaches no exported operand: a difference may die there while others live.
  bool dead_ends = false;

  bool is_exported(std::uint32_t operand) const;
};

// Nodes that must stay on their own: their parameters or inputs are struck in this campaign.
struct Separate {
  std::vector<bool> nodes;  // by NodeId
};

enum class Grouping : std::uint8_t { chains, single_nodes };

// Groups the elementwise nodes, or leaves each on its own, all that it makes exported. Every value
// that a region reads is made before its first node.
std::vector<Region> find_regions(const model::Graph& graph, const Capture& capture,
                                 const std::vector<WaveValue>& values, const Separate& separate,
                                 Grouping grouping = Grouping::chains);

}  // namespace softbeam::run
