#include "host/model/torchscript/state.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/class_type.h>

#include <utility>

namespace softbeam::model::torchscript {

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

State::State(GraphBuilder& builder, const ObjectRef& root) : builder_(builder) {
  // Where one tensor has several names, a parameter's wins over a buffer's, then the first.
  for (const Pass pass : {Pass::parameters, Pass::buffers, Pass::others}) {
    add_tree(*root.object, root.path, pass);
  }
}

State::Key State::key_of(const at::Tensor& tensor) {
  if (!tensor.has_storage()) {
    return {tensor.unsafeGetTensorImpl(), 0, static_cast<int>(tensor.scalar_type()), {}, {}};
  }
  return {tensor.storage().unsafeGetStorageImpl(), tensor.storage_offset(),
          static_cast<int>(tensor.scalar_type()), tensor.sizes().vec(), tensor.strides().vec()};
}

ValueId State::add(const at::Tensor& tensor, ValueKind kind, const std::string& name) {
  const Key key = key_of(tensor);
  if (const auto it = ids_.find(key); it != ids_.end()) {
    return it->second;
  }
  const at::Tensor content = tensor.detach();  // gradients are never wanted
  std::string unique = name;
  for (std::size_t i = 1; !names_.insert(unique).second; ++i) {
    unique = name + "_" + std::to_string(i);
  }
  const ValueId id = builder_.add_stored(kind, unique, content);
  ids_.emplace(key, id);
  tensors_.emplace(id.value, content);
  return id;
}

void State::add_tree(const c10::ivalue::Object& object, const std::string& path, Pass pass) {
  const auto& type = *object.type();
  for (std::size_t i = 0; i < type.numAttributes(); ++i) {
    const c10::IValue& content = object.getSlot(i);
    const Pass own = type.is_parameter(i) ? Pass::parameters
                     : type.is_buffer(i)  ? Pass::buffers
                                          : Pass::others;
    if (own == pass && content.isTensor() && content.toTensor().defined()) {
      const ValueKind kind = pass == Pass::parameters ? ValueKind::parameter
                             : pass == Pass::buffers  ? ValueKind::buffer
                                                      : ValueKind::constant;
      add(content.toTensor(), kind, join(path, type.getAttributeName(i)));
    }
  }
  for (std::size_t i = 0; i < type.numAttributes(); ++i) {
    const c10::IValue& content = object.getSlot(i);
    if (content.isObject() && content.toObjectRef().type()->is_module()) {
      add_tree(content.toObjectRef(), join(path, type.getAttributeName(i)), pass);
    }
  }
}

Abstract State::lift(const c10::IValue& content, const std::string& name) {
  const auto item_name = [&](std::size_t i) { return name + "." + std::to_string(i); };
  if (content.isTensor() && content.toTensor().defined()) {
    return add(content.toTensor(), ValueKind::constant, name);
  }
  if (content.isObject()) {
    return ObjectRef{content.toObject(), name};
  }
  std::vector<Abstract> items;
  if (content.isList()) {
    for (const c10::IValue& item : content.toListRef()) {
      items.push_back(lift(item, item_name(items.size())));
    }
    return make_sequence(Sequence::Kind::list, content.type(), std::move(items));
  }
  if (content.isTuple()) {
    for (const c10::IValue& item : content.toTupleRef().elements()) {
      items.push_back(lift(item, item_name(items.size())));
    }
    return make_sequence(Sequence::Kind::tuple, content.type(), std::move(items));
  }
  if (content.isGenericDict()) {
    std::vector<c10::IValue> keys;
    for (const auto& entry : content.toGenericDict()) {
      keys.push_back(entry.key());
      items.push_back(lift(entry.value(), item_name(items.size())));
    }
    return make_sequence(Sequence::Kind::dict, content.type(), std::move(items), std::move(keys));
  }
  return content;
}

Abstract State::attribute(const ObjectRef& owner, const std::string& name) {
  auto it = attributes_.find({owner.object.get(), name});
  if (it == attributes_.end()) {
    set_attribute(owner, name, lift(owner.object->getAttr(name), join(owner.path, name)));
    it = attributes_.find({owner.object.get(), name});
  }
  // A module may be known under several names; the one it is reached by counts.
  if (const auto* object = std::get_if<ObjectRef>(&it->second.value)) {
    return ObjectRef{object->object, join(owner.path, name)};
  }
  return it->second.value;
}

void State::set_attribute(const ObjectRef& owner, const std::string& name, Abstract value) {
  attributes_.insert_or_assign({owner.object.get(), name},
                               Attribute{owner.object, std::move(value)});
}

const at::Tensor* State::tensor(ValueId id) const {
  const auto it = tensors_.find(id.value);
  return it == tensors_.end() ? nullptr : &it->second;
}

}  // namespace softbeam::model::torchscript
