// Proves that regions compute, bit for bit, what the library computes node by node. Used once per
// campaign, before the first wave.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/execute/executor.h"
#include "host/run/wave/region.h"

namespace softbeam::run {

// Golden of some samples.
struct GoldenRows {
  std::uint32_t samples = 0;
  // One sample's part of a value, contiguous; null where it is not at hand. Externals of regions
  // must be.
  std::function<const float*(model::ValueId, std::uint32_t sample)> row;
};

struct RegionFault {
  model::NodeId node;
  std::string why;
};

// Computes the region on golden rows and on rows with hostile words (Inf, NaN, -0.0, denormals, the
// largest floats), whole and in windows, stage by stage and fused, and compares every word with the
// operators themselves. The thread's ATen must run single-threaded, as it does in the wave.
std::optional<RegionFault> prove_region(const model::Graph& graph, const Capture& capture,
                                        const std::vector<WaveValue>& values, const Region& region,
                                        const execute::Executor& executor, const GoldenRows& golden,
                                        std::uint64_t seed);

struct ProvenRegions {
  std::vector<Region> regions;
  std::vector<std::string> switched_off;  // "gelu at act (model.py:3): why", for the report
};

// All regions of the graph. A node that fails its proof stays on its own, like those of `separate`,
// and the others are grouped again.
ProvenRegions prove_regions(const model::Graph& graph, const Capture& capture,
                            const std::vector<WaveValue>& values, Separate separate,
                            const execute::Executor& executor, const GoldenRows& golden,
                            std::uint64_t seed);

}  // namespace softbeam::run
