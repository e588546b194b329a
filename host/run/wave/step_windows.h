// What the steps of layers share: where a row reaches, a layer's parameters, and golden's images
// for proofs.
#pragma once

#include "host/execute/executor.h"
#include "host/run/wave/proof_images.h"
#include "host/run/wave/sweep.h"

namespace softbeam::run {

// The outputs that a row may change. `Sliding` has the axes y and x.
template <class Sliding>
injectors::Rect outputs_reached(const Sliding& node, const injectors::Rect& row,
                                const WaveSettings& settings) {
  injectors::Rect outputs{reached(node.y, row.y), reached(node.x, row.x)};
  const std::int32_t cut = settings.planted_short_reach;
  if (outputs.height() > cut && outputs.width() > cut) {
    outputs.y.last -= cut;
    outputs.x.last -= cut;
  }
  return outputs;
}

// The executor's weight and bias of a convolution or linear layer, whose geometry names their
// slots.
template <class Layer>
void take_parameters(Layer& layer, const model::Node& node, const execute::Executor& executor) {
  layer.weight = executor.parameter(node.slots[layer.geometry.weight_slot].value);
  if (layer.geometry.bias_slot >= 0) {
    const auto slot = static_cast<std::size_t>(layer.geometry.bias_slot);
    layer.bias = executor.parameter(node.slots[slot].value);
  }
}

inline void collect_golden(const GoldenBlock& block, const Step& step, std::int64_t batch,
                           GoldenImages& golden) {
  golden.batch = static_cast<std::size_t>(batch);
  golden.inputs.clear();
  golden.outputs.clear();
  for (std::uint32_t slot = 0; slot < block.size(); ++slot) {
    golden.inputs.push_back(block.floats(step.inputs[0], slot));
    golden.outputs.push_back(block.floats(step.outputs[0], slot));
  }
}

}  // namespace softbeam::run
