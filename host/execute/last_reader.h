// Which node is the last to read each value's content, seen in a run. Behind in-place operators a
// name stands for other content than before. Used by replay to find where a difference died.
#pragma once

#include <c10/core/Storage.h>

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "host/execute/hooks.h"

namespace softbeam::execute {

// Hooks for one clean run, by forwarding or directly.
class LastReaders : public Hooks {
 public:
  explicit LastReaders(const model::Graph& graph);

  void observe(model::ValueId id, const at::Tensor& tensor) override;
  void observe_input(model::NodeId node, std::size_t slot, const at::Tensor& tensor) override;

  // The last reader; the value's own node where nothing reads it; no_node for a value that comes
  // from no node and is not read.
  model::NodeId of(model::ValueId id) const;

 private:
  // Content: a piece of memory since its last write.
  struct Content {
    const c10::StorageImpl* memory = nullptr;
    std::uint64_t writes = 0;
    std::int64_t offset = 0;
    std::vector<std::int64_t> sizes;
    std::vector<std::int64_t> strides;
    auto operator<=>(const Content&) const = default;
  };
  Content content_of(const at::Tensor& tensor);
  void finish_writes();

  const model::Graph& graph_;
  std::vector<model::NodeId> last_;                                    // by ValueId
  std::vector<Content> born_as_;                                       // by ValueId
  std::map<Content, model::ValueId> newest_;                           // value born there last
  std::unordered_map<const c10::StorageImpl*, std::uint64_t> writes_;  // so far
  std::vector<const c10::StorageImpl*> being_written_;  // by the node of the last input
  // So that no address is given out again during the run.
  std::vector<c10::weak_intrusive_ptr<c10::StorageImpl>> held_;
  model::NodeId reading_ = model::no_node;
};

}  // namespace softbeam::execute
