// A graph compiled for the wave: steps in execution order, each with what it reads, makes and how
// windows move through it. Immutable; shared by all workers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/execute/profile.h"
#include "host/run/wave/capture.h"
#include "host/run/wave/region.h"
#include "host/run/wave/settings.h"
#include "host/run/wave/values.h"
#include "injectors/window.h"

namespace softbeam::run {

// A two-dimensional convolution with constant weight and bias.
struct Convolution {
  injectors::Axis y;
  injectors::Axis x;
  std::int64_t groups = 1;
  std::int32_t in_channels = 0;
  std::int32_t out_channels = 0;
  std::uint32_t weight_slot = 0;  // slots of the node
  std::int32_t bias_slot = -1;    // -1: none
  bool finite = true;  // weight and bias; else zeros in a halo are not the library's padding

  // Multiply-adds of one pixel of all output channels.
  std::uint64_t macs_per_pixel() const {
    return static_cast<std::uint64_t>(out_channels) *
           static_cast<std::uint64_t>(in_channels / groups) *
           static_cast<std::uint64_t>(y.kernel * x.kernel);
  }
};

// A linear layer with constant weight [out, in] and bias: every vector of its input on its own.
struct Linear {
  std::int32_t in = 0;
  std::int32_t out = 0;
  std::int64_t rows = 1;  // vectors of one sample
  std::uint32_t weight_slot = 0;
  std::int32_t bias_slot = -1;
  bool finite = true;  // weight and bias
};

struct Pooling {
  enum class Kind : std::uint8_t { max, average } kind = Kind::max;
  injectors::Axis y;
  injectors::Axis x;
  bool count_include_pad = true;
  std::int64_t divisor = 0;  // 0: the rules of average pooling
};

// Moves the image: output (y, x) is input (y + dy, x + dx), or a constant outside of it. Slices of
// height and width, and constant padding.
struct Shift {
  std::int32_t dy = 0;
  std::int32_t dx = 0;
};

enum class StepKind : std::uint8_t { convolution, linear, pooling, shift, reshape, region, dense };

struct Step {
  StepKind kind = StepKind::dense;
  // One node; a region's nodes; a node that makes a list and the one that takes it apart.
  std::vector<model::NodeId> nodes;
  // Per-sample values that it reads: by slot (an operator may read one twice, and a fault may
  // strike one of its slots alone); a region's externals.
  std::vector<model::ValueId> inputs;
  std::vector<std::uint32_t> slots;        // of the first node, by input; a region has none
  std::vector<model::ValueId> outputs;     // kept values that it makes
  std::uint32_t detail = 0;                // into the program's list of its kind
  std::vector<model::ValueId> dead;        // rows of these values are not needed behind this step
  std::vector<model::ValueId> parameters;  // that it reads and the campaign may strike
  std::uint64_t macs = 0;                  // multiply-adds of one whole sample
};

struct Program {
  const model::Graph* graph = nullptr;
  const execute::Profile* profile = nullptr;
  Capture captured;
  std::vector<WaveValue> values;  // by ValueId
  std::vector<Step> steps;
  std::vector<Convolution> convolutions;
  std::vector<Linear> linears;
  std::vector<Pooling> poolings;
  std::vector<Shift> shifts;
  std::vector<Region> regions;
  std::vector<model::ValueId> outputs;  // of the model
  // Parameters whose faults run as plain inferences: a node computes with them alone, or they share
  // memory.
  std::vector<bool> plain_parameters;  // by ValueId
  std::string refusal;                 // why this model has no wave; "" if it has

  const WaveValue& value(model::ValueId id) const { return values[id.value]; }
};

// What a campaign may strike besides values.
struct Targets {
  std::vector<bool> parameters;  // by ValueId
  std::vector<bool> inputs;      // by NodeId
};

// `regions` are those that were found and proved; empty where nothing is fused.
Program compile(const model::Graph& graph, const execute::Profile& profile, Capture captured,
                std::vector<WaveValue> values, std::vector<Region> regions, const Targets& targets);

}  // namespace softbeam::run
