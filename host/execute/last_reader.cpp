#include "host/execute/last_reader.h"

#include <algorithm>

namespace softbeam::execute {

LastReaders::LastReaders(const model::Graph& graph)
    : graph_(graph), last_(graph.values.size(), model::no_node), born_as_(graph.values.size()) {
  // Numbers and lists are no tensors, so no hook sees them.
  for (const model::Node& node : graph.nodes) {
    for (const model::ValueId output : node.outputs) {
      last_[output.value] = node.id;
    }
  }
}

LastReaders::Content LastReaders::content_of(const at::Tensor& tensor) {
  if (!tensor.has_storage()) {
    return {};
  }
  const c10::StorageImpl* memory = tensor.storage().unsafeGetStorageImpl();
  return {memory, writes_[memory], tensor.storage_offset(), tensor.sizes().vec(),
          tensor.strides().vec()};
}

void LastReaders::finish_writes() {
  for (const c10::StorageImpl* memory : being_written_) {
    ++writes_[memory];
  }
  being_written_.clear();
}

void LastReaders::observe(model::ValueId id, const at::Tensor& tensor) {
  finish_writes();
  if (tensor.has_storage()) {
    held_.push_back(tensor.storage().getWeakStorageImpl());
  }
  born_as_[id.value] = content_of(tensor);
  newest_[born_as_[id.value]] = id;
}

void LastReaders::observe_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) {
  if (node != reading_) {
    finish_writes();  // of a node without tensor results
    reading_ = node;
  }
  const model::Slot& read = graph_.node(node).slots[slot];
  model::ValueId value = read.value;
  const Content content = content_of(tensor);
  // Under its own name if nothing was written there since it was made; views keep their names too.
  if (content != born_as_[value.value]) {
    const auto newest = newest_.find(content);
    value = newest == newest_.end() ? value : newest->second;
  }
  last_[value.value] = node;
  const auto& writes = graph_.node(node).writes;
  if (tensor.has_storage() && std::count(writes.begin(), writes.end(), read.argument) != 0) {
    being_written_.push_back(tensor.storage().unsafeGetStorageImpl());
  }
}

model::NodeId LastReaders::of(model::ValueId id) const { return last_[id.value]; }

}  // namespace softbeam::execute
