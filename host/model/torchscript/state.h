// The tensors and attributes of the loaded module: each tensor becomes one value of the graph,
// under its own full name, however many names and views of it there are. Private to torchscript/.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "host/model/builder.h"
#include "host/model/torchscript/abstract.h"

namespace softbeam::model::torchscript {

class State {
 public:
  // Adds every tensor of the module tree in state-dict order; the builder drops the unused ones.
  State(GraphBuilder& builder, const ObjectRef& root);

  // The attribute, resolved once: a buffer that is written in place stays one value.
  Abstract attribute(const ObjectRef& owner, const std::string& name);
  // Seen by later reads only: every run starts from the attributes as they are in the file.
  void set_attribute(const ObjectRef& owner, const std::string& name, Abstract value);

  // `content` with its tensors replaced by values of the graph; those that no module owns are
  // called after `name`.
  Abstract lift(const c10::IValue& content, const std::string& name);

  // The tensor behind a stored value, or null.
  const at::Tensor* tensor(ValueId id) const;

 private:
  // Two tensors with the same key are the same bytes read in the same way.
  using Key = std::tuple<const void*, std::int64_t, int, std::vector<std::int64_t>,
                         std::vector<std::int64_t>>;
  static Key key_of(const at::Tensor& tensor);

  enum class Pass { parameters, buffers, others };
  void add_tree(const c10::ivalue::Object& object, const std::string& path, Pass pass);
  ValueId add(const at::Tensor& tensor, ValueKind kind, const std::string& name);

  GraphBuilder& builder_;
  std::map<Key, ValueId> ids_;
  std::unordered_map<std::uint32_t, at::Tensor> tensors_;  // by ValueId; also keeps storages alive
  std::unordered_set<std::string> names_;
  struct Attribute {
    c10::intrusive_ptr<c10::ivalue::Object> owner;  // keeps its address from being used again
    Abstract value;
  };
  std::map<std::pair<const void*, std::string>, Attribute> attributes_;  // by owner and name
};

std::string join(const std::string& path, const std::string& name);

}  // namespace softbeam::model::torchscript
