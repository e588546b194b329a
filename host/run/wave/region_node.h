// One node as the stages of regions are read from it: what of its arguments depends on the samples,
// and the constants among the others. Private to host/run/wave.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "host/run/wave/region.h"

namespace softbeam::run {

// A number, or a tensor that is one.
std::optional<double> number(const c10::IValue* value);
// No such argument, None, or an undefined tensor.
bool absent(const c10::IValue* value);

class RegionNode {
 public:
  // All references must outlive the node.
  RegionNode(const Capture& capture, const std::vector<WaveValue>& values, const model::Node& node);

  const model::Node& node() const { return node_; }
  const std::string& op() const { return node_.op; }
  model::ValueId output() const { return node_.outputs.front(); }

  // The tensors that depend on the samples, in slot order.
  const std::vector<model::ValueId>& inputs() const { return inputs_; }
  // True if input `i` is this argument.
  bool fills(std::size_t i, std::string_view argument_name) const;
  // True if input `i` is item `i` of a list.
  bool is_item(std::size_t i) const { return slots_[i].item == static_cast<std::int32_t>(i); }
  std::uint32_t argument_of(std::size_t i) const { return slots_[i].argument; }

  // The captured arguments; those that depend on the samples are left out of them.
  const torch::jit::Stack& arguments() const { return seen_.arguments; }
  // By name; null if the operator has none of this name.
  const c10::IValue* argument(std::string_view name) const;

  const WaveValue& value(model::ValueId id) const { return values_[id.value]; }
  const std::vector<std::int64_t>& sizes(model::ValueId id) const {
    return capture_.values[id.value].sizes;
  }
  // float32, one contiguous row per sample, of the first input's height and width.
  bool fits(model::ValueId id) const;
  bool all_inputs_fit() const;
  // All inputs have the output's sizes.
  bool same_sizes() const;
  // The argument `dim` counts the channels.
  bool along_channels() const;
  // Words of a whole row per entry of dimension 1; 1 for images.
  std::int32_t words_per_channel(model::ValueId id) const;

 private:
  const Capture& capture_;
  const std::vector<WaveValue>& values_;
  const model::Node& node_;
  const SeenNode& seen_;
  std::vector<model::ValueId> inputs_;
  std::vector<model::Slot> slots_;  // of inputs_
};

// Operators whose inputs all have the output's sizes: sums, products, bounds, everything else of
// one input that the library computes word by word. Nothing where the node is none of them.
std::optional<Stage> parse_arithmetic(const RegionNode& node);

}  // namespace softbeam::run
