#include "host/execute/row_hashes.h"

#include <ATen/ATen.h>

#include <span>

#include "host/base/digest.h"
#include "host/execute/storage.h"

namespace softbeam::execute {
namespace {

std::vector<std::uint64_t> hash_rows(const at::Tensor& tensor, const BatchLayout& layout) {
  const at::Tensor split = rows(tensor, layout).cpu();
  const auto bytes = static_cast<std::size_t>(split.size(1)) * split.element_size();
  const auto* data = static_cast<const std::byte*>(split.const_data_ptr());
  std::vector<std::uint64_t> hashes;
  for (std::int64_t r = 0; r < split.size(0); ++r) {
    hashes.push_back(hash64({data + static_cast<std::size_t>(r) * bytes, bytes}));
  }
  return hashes;
}

}  // namespace

RowHashes::RowHashes(const model::Graph& graph, std::int64_t batch, bool all_layouts)
    : graph_(graph), batch_(batch), all_layouts_(all_layouts), values_(graph.values.size()) {
  for (const model::Node& node : graph.nodes) {
    inputs_.emplace_back(node.slots.size());
  }
}

void RowHashes::observe(model::ValueId id, const at::Tensor& tensor) {
  ValueTrace& trace = values_[id.value];
  trace.seen = true;
  trace.sizes = tensor.sizes().vec();
  trace.type = tensor.scalar_type();
  trace.overlaps_itself = overlaps_itself(tensor);
  if (tensor.has_storage()) {
    trace.memory = tensor.storage().getWeakStorageImpl();
  }
  trace.candidates = candidate_layouts(tensor.sizes(), batch_);
  if (!all_layouts_ && trace.candidates.size() > 1) {
    trace.candidates.resize(1);
  }
  for (const BatchLayout& layout : trace.candidates) {
    trace.rows.push_back(hash_rows(tensor, layout));
  }
  if (trace.rows.empty()) {
    const at::Tensor all = tensor.contiguous().cpu();
    trace.whole = hash64({static_cast<const std::byte*>(all.const_data_ptr()), all.nbytes()});
  } else {
    trace.whole = hash64(std::as_bytes(std::span(trace.rows[0])));
  }
}

void RowHashes::observe_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) {
  inputs_[node.value][slot] = {tensor.sizes().vec(), tensor.scalar_type()};
}

void RowHashes::observe_arguments(model::NodeId node, const torch::jit::Stack& stack) {
  for (const std::uint32_t argument : graph_.node(node).writes) {
    if (stack[argument].isTensor() && stack[argument].toTensor().has_storage()) {
      writes_.push_back({node, stack[argument].toTensor().storage().unsafeGetStorageImpl()});
    }
  }
}

const std::vector<std::int64_t>& RowHashes::input_sizes(model::NodeId node,
                                                        std::size_t slot) const {
  return inputs_[node.value][slot].sizes;
}

at::ScalarType RowHashes::input_type(model::NodeId node, std::size_t slot) const {
  return inputs_[node.value][slot].type;
}

}  // namespace softbeam::execute
