#include "host/run/device/step_call.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "host/execute/storage.h"
#include "host/run/wave/no_wave.h"

namespace softbeam::run {

StepCall::StepCall(const Program& program, execute::Executor& executor, const Step& step)
    : program_(program), step_(step), device_(executor.backend().device()) {
  for (const model::NodeId node : step.nodes) {
    calls_.emplace_back(*program.graph, program.captured, executor, node);
  }
}

at::Tensor StepCall::chunk(std::size_t input) const {
  const SeenValue& seen = program_.captured.values[step_.inputs[input].value];
  const auto options = at::TensorOptions().dtype(seen.type).device(device_);
  at::Tensor chunk = at::empty_strided(seen.sizes, seen.strides, options);
  if (execute::overlaps_itself(chunk)) {
    chunk = at::empty(seen.sizes, options);
  }
  return chunk.zero_();
}

std::vector<at::Tensor> StepCall::operator()(std::span<const at::Tensor> inputs) const {
  std::vector<c10::IValue> values(inputs.begin(), inputs.end());
  for (const NodeCall& call : calls_) {
    values = call(values);  // a list and the node that takes it apart
  }
  const model::Node& last = program_.graph->node(step_.nodes.back());
  std::vector<at::Tensor> outputs;
  for (const model::ValueId id : step_.outputs) {
    const auto o = static_cast<std::size_t>(
        std::find(last.outputs.begin(), last.outputs.end(), id) - last.outputs.begin());
    const at::Tensor& result = values.at(o).toTensor();
    const WaveValue& value = program_.value(id);
    if (static_cast<std::uint64_t>(result.numel()) !=
            value.elements * static_cast<std::uint64_t>(program_.profile->batch) ||
        result.scalar_type() != program_.captured.values[id.value].type ||
        !execute::fits(value.layout, result.sizes())) {
      throw NoWave(
          fmt::format("'{}' has other sizes for other data", program_.graph->value(id).name));
    }
    outputs.push_back(execute::rows(result, value.layout));
  }
  return outputs;
}

}  // namespace softbeam::run
