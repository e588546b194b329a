#include "host/execute/data_dependent.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace softbeam::execute {

bool makes_sizes_from_content(const model::Node& node,
                              const std::function<SlotView(std::size_t slot)>& slot) {
  static const std::unordered_set<std::string_view> always{
      "masked_select", "nonzero",   "nonzero_numpy", "argwhere",           "unique",
      "_unique",       "_unique2",  "unique_dim",    "unique_consecutive", "unique_dim_consecutive",
      "bincount",      "to_sparse", "nms",           "batched_nms"};
  const auto any_slot = [&](std::string_view argument, auto holds) {
    for (std::size_t s = 0; s < node.slots.size(); ++s) {
      const std::uint32_t a = node.slots[s].argument;
      if (a < node.argument_names.size() && node.argument_names[a] == argument && slot(s).depends &&
          holds(slot(s))) {
        return true;
      }
    }
    return false;
  };
  const auto any_type = [](const SlotView&) { return true; };
  const auto is_mask = [](const SlotView& view) {
    return view.type == at::kBool || view.type == at::kByte;
  };
  if (node.op == "index" || node.op == "_unsafe_index") {
    return any_slot("indices", is_mask);
  }
  if (node.op == "where") {
    return node.argument_names.size() == 1 && any_slot("condition", any_type);
  }
  if (node.op == "repeat_interleave") {
    return any_slot("repeats", any_type);
  }
  if (node.op == "tensor_split") {
    return any_slot("tensor_indices_or_sections", any_type);
  }
  if (!always.contains(node.op)) {
    return false;
  }
  for (std::size_t s = 0; s < node.slots.size(); ++s) {
    if (slot(s).depends) {
      return true;
    }
  }
  return false;
}

bool reads_sizes_only(const model::Node& node) {
  static const std::unordered_set<std::string_view> ops{"size",
                                                        "sym_size",
                                                        "numel",
                                                        "sym_numel",
                                                        "dim",
                                                        "ndim",
                                                        "len",
                                                        "shape",
                                                        "stride",
                                                        "sym_stride",
                                                        "dtype",
                                                        "device",
                                                        "layout",
                                                        "sym_storage_offset",
                                                        "is_floating_point",
                                                        "is_cuda",
                                                        "is_complex",
                                                        "is_quantized",
                                                        "is_contiguous",
                                                        "result_type",
                                                        "get_device"};
  return ops.contains(node.op);
}

std::vector<bool> find_made_from_sizes(const model::Graph& graph,
                                       const std::vector<bool>& depends) {
  std::vector<bool> made(graph.values.size(), false);
  for (const model::Node& node : graph.nodes) {
    const bool all = std::all_of(node.slots.begin(), node.slots.end(), [&](const auto& slot) {
      return !depends[slot.value.value] || made[slot.value.value];
    });
    for (const model::ValueId output : node.outputs) {
      made[output.value] = depends[output.value] && (all || reads_sizes_only(node));
    }
  }
  return made;
}

bool reads_bits_of_nans(const model::Node& node) {
  static const std::unordered_set<std::string_view> ops{"signbit", "copysign", "frexp"};
  const auto& names = node.argument_names;
  return ops.contains(node.op) ||
         (node.op == "view" && std::find(names.begin(), names.end(), "dtype") != names.end());
}

}  // namespace softbeam::execute
