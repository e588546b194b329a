#include "tests/run/wave_property/depth_oracle.h"

#include <algorithm>
#include <map>
#include <vector>

#include "tests/support/reference.h"

namespace softbeam::run {
namespace {

// Copies of all that a run shows.
class Recorder : public execute::Hooks {
 public:
  void observe(model::ValueId id, const at::Tensor& tensor) override {
    values[id.value] = tensor.clone();
  }
  void observe_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) override {
    inputs[{node.value, slot}] = tensor.clone();
  }

  std::map<std::uint32_t, at::Tensor> values;
  std::map<std::pair<std::uint32_t, std::size_t>, at::Tensor> inputs;
};

// The last reader of every value. An in-place operator ends its argument's content: who reads the
// argument's names later reads the operator's result.
std::vector<std::uint32_t> last_readers(const model::Graph& graph) {
  std::vector<std::uint32_t> last(graph.values.size(), 0);
  std::vector<std::uint32_t> content(graph.values.size());
  for (std::uint32_t v = 0; v < content.size(); ++v) {
    content[v] = v;
  }
  for (const model::Node& node : graph.nodes) {
    for (const model::Slot& slot : node.slots) {
      last[content[slot.value.value]] = node.id.value;
    }
    for (const model::ValueId output : node.outputs) {
      last[output.value] = node.id.value;
    }
    for (const model::Slot& slot : node.slots) {
      if (std::count(node.writes.begin(), node.writes.end(), slot.argument) > 0) {
        const std::uint32_t written = content[slot.value.value];
        std::replace(content.begin(), content.end(), written, node.outputs.front().value);
      }
    }
  }
  return last;
}

}  // namespace

std::optional<std::uint32_t> plain_depth(campaign::Subject& subject, const plan::FaultPlan& plan,
                                         const plan::Trial& trial) {
  PlainRunner& runner = *subject.runners.front();
  Recorder golden;
  runner.run_clean({trial.sample.value}, &golden);
  Chunk chunk;
  chunk.clear();
  chunk.add(trial, plan);
  Recorder faulty;
  runner.run(chunk, &faulty);

  const std::vector<std::uint32_t> last = last_readers(*subject.graph);
  std::optional<std::uint32_t> depth;
  const auto differs_until = [&](std::uint32_t node) { depth = std::max(depth.value_or(0), node); };
  for (const auto& [value, tensor] : faulty.values) {
    if (!support::same_bits(tensor, golden.values.at(value))) {
      differs_until(last[value]);
    }
  }
  for (const auto& [place, tensor] : faulty.inputs) {
    if (!support::same_bits(tensor, golden.inputs.at(place))) {
      differs_until(place.first);
    }
  }
  return depth;
}

}  // namespace softbeam::run
