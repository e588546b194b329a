#include "host/run/wave/values.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace softbeam::run {
namespace {

bool is_contiguous(const SeenValue& seen) {
  std::int64_t step = 1;
  for (std::size_t d = seen.sizes.size(); d-- > 0;) {
    if (seen.sizes[d] != 1 && seen.strides[d] != step) {
      return false;
    }
    step *= seen.sizes[d];
  }
  return true;
}

// Also where a dimension has one entry: the library chooses its kernel by these strides.
bool has_usual_strides(const SeenValue& seen) {
  std::int64_t step = 1;
  for (std::size_t d = seen.sizes.size(); d-- > 0;) {
    if (seen.strides[d] != step) {
      return false;
    }
    step *= seen.sizes[d];
  }
  return true;
}

void find_last_uses(const model::Graph& graph, const Capture& capture,
                    std::vector<WaveValue>& values) {
  for (const model::Node& node : graph.nodes) {
    for (const model::ValueId output : node.outputs) {
      values[output.value].last_use = node.id;
    }
    for (const model::ValueId read : capture.nodes[node.id.value].reads) {
      values[read.value].last_use = node.id;
    }
  }
}

}  // namespace

std::vector<WaveValue> describe_values(const model::Graph& graph, const execute::Profile& profile,
                                       const Capture& capture) {
  std::vector<WaveValue> values(graph.values.size());
  for (std::size_t v = 0; v < values.size(); ++v) {
    const SeenValue& seen = capture.values[v];
    const auto& layout = profile.layouts[v];
    if (!seen.seen || !capture.depends[v] || !layout) {
      continue;
    }
    WaveValue& value = values[v];
    value.per_sample = true;
    value.layout = *layout;
    value.float32 = seen.type == at::kFloat;
    value.word_bytes = static_cast<std::uint32_t>(c10::elementSize(seen.type));
    value.elements = 1;
    for (const std::int64_t size : execute::sample_shape(*layout, seen.sizes)) {
      value.elements *= static_cast<std::uint64_t>(size);
    }
    value.channels = static_cast<std::int32_t>(value.elements);
    value.contiguous =
        is_contiguous(seen) && layout->dim <= 0 && layout->per_sample == 1 && !layout->inner;
    if (value.contiguous && has_usual_strides(seen) && seen.type == at::kFloat &&
        seen.sizes.size() == 4 && layout->dim == 0) {
      value.image = true;
      value.channels = static_cast<std::int32_t>(seen.sizes[1]);
      value.height = static_cast<std::int32_t>(seen.sizes[2]);
      value.width = static_cast<std::int32_t>(seen.sizes[3]);
    }
  }
  find_last_uses(graph, capture, values);
  return values;
}

}  // namespace softbeam::run
