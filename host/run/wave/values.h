// The values of the graph as the wave sees them: one row per sample, windows where the value is an
// image. Used by every step.
#pragma once

#include <cstdint>
#include <vector>

#include "host/execute/profile.h"
#include "host/run/wave/capture.h"

namespace softbeam::run {

struct WaveValue {
  bool per_sample = false;  // depends on the samples and has a proved batch layout
  // float32, contiguous [batch, channels, height, width]: rows may be windows. Other per-sample
  // values are whole rows: `channels` = elements, height = width = 1.
  bool image = false;
  std::int32_t channels = 0;
  std::int32_t height = 1;
  std::int32_t width = 1;
  std::uint64_t elements = 0;    // of one sample
  std::uint32_t word_bytes = 4;  // of one element
  bool float32 = false;
  // Samples follow one another in memory, each contiguous.
  bool contiguous = false;
  execute::BatchLayout layout;
  // Golden is kept for whole samples. The rest are made again from kept values where needed.
  bool kept = false;
  // The last node that reads it; its own node if none does. A trial whose last difference is in
  // this value dies there.
  model::NodeId last_use = model::no_node;

  std::int64_t plane() const { return std::int64_t{height} * width; }
  std::uint64_t bytes() const { return elements * word_bytes; }
};

// Every value of the graph; `kept` is not decided yet.
std::vector<WaveValue> describe_values(const model::Graph& graph, const execute::Profile& profile,
                                       const Capture& capture);

}  // namespace softbeam::run
