#include "host/run/wave/region_node.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace softbeam::run {

std::optional<double> number(const c10::IValue* value) {
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->isDouble() || value->isInt() || value->isBool()) {
    return value->toScalar().toDouble();
  }
  if (value->isTensor() && value->toTensor().defined() && value->toTensor().dim() == 0 &&
      !value->toTensor().is_complex()) {
    return value->toTensor().item().toDouble();
  }
  return std::nullopt;
}

bool absent(const c10::IValue* value) {
  return value == nullptr || value->isNone() || (value->isTensor() && !value->toTensor().defined());
}

RegionNode::RegionNode(const Capture& capture, const std::vector<WaveValue>& values,
                       const model::Node& node)
    : capture_(capture), values_(values), node_(node), seen_(capture.nodes[node.id.value]) {
  for (std::size_t s = 0; s < node_.slots.size() && s < seen_.reads.size(); ++s) {
    const model::ValueId read = seen_.reads[s];
    if (capture_.depends[read.value] && capture_.values[read.value].seen) {
      inputs_.push_back(read);
      slots_.push_back(node_.slots[s]);
    }
  }
}

bool RegionNode::fills(std::size_t i, std::string_view argument_name) const {
  return slots_[i].item < 0 && node_.argument_names[slots_[i].argument] == argument_name;
}

const c10::IValue* RegionNode::argument(std::string_view name) const {
  const auto found = std::find(node_.argument_names.begin(), node_.argument_names.end(), name);
  return found == node_.argument_names.end()
             ? nullptr
             : &seen_.arguments[static_cast<std::size_t>(found - node_.argument_names.begin())];
}

bool RegionNode::fits(model::ValueId id) const {
  const WaveValue& candidate = value(id);
  const WaveValue& first = value(inputs_.front());
  return candidate.per_sample && capture_.values[id.value].type == at::kFloat &&
         (candidate.image || candidate.contiguous) && candidate.layout.dim == 0 &&
         candidate.elements > 0 && candidate.height == first.height &&
         candidate.width == first.width;
}

bool RegionNode::all_inputs_fit() const {
  return std::all_of(inputs_.begin(), inputs_.end(), [&](model::ValueId id) { return fits(id); });
}

bool RegionNode::same_sizes() const {
  return std::all_of(inputs_.begin(), inputs_.end(),
                     [&](model::ValueId id) { return sizes(id) == sizes(output()); });
}

bool RegionNode::along_channels() const {
  const std::optional<double> dim = number(argument("dim"));
  const auto rank = static_cast<double>(sizes(inputs_.front()).size());
  return rank >= 2 && dim && (*dim == 1 || *dim + rank == 1);
}

std::int32_t RegionNode::words_per_channel(model::ValueId id) const {
  return static_cast<std::int32_t>(value(id).channels / sizes(id)[1]);
}

}  // namespace softbeam::run
