#include "host/model/torchscript/abstract.h"

#include <utility>

namespace softbeam::model::torchscript {

std::shared_ptr<Sequence> make_sequence(Sequence::Kind kind, c10::TypePtr type,
                                        std::vector<Abstract> items,
                                        std::vector<c10::IValue> keys) {
  return std::make_shared<Sequence>(
      Sequence{kind, std::move(type), std::move(items), std::move(keys)});
}

namespace {

std::optional<c10::IValue> known_sequence(const Sequence& sequence) {
  auto items = all_known(sequence.items);
  if (!items) {
    return std::nullopt;
  }
  switch (sequence.kind) {
    case Sequence::Kind::list: {
      c10::impl::GenericList list(element_type(sequence.type));
      for (c10::IValue& item : *items) {
        list.push_back(std::move(item));
      }
      return list;
    }
    case Sequence::Kind::tuple: {
      const auto type = sequence.type->cast<c10::TupleType>();
      return type && type->schema() ? c10::ivalue::Tuple::createNamed(std::move(*items), type)
                                    : c10::ivalue::Tuple::create(std::move(*items));
    }
    default: {
      const auto type = sequence.type->expect<c10::DictType>();
      c10::impl::GenericDict dict(type->getKeyType(), type->getValueType());
      for (std::size_t i = 0; i < items->size(); ++i) {
        dict.insert_or_assign(sequence.keys[i], std::move((*items)[i]));
      }
      return dict;
    }
  }
}

}  // namespace

std::optional<c10::IValue> known(const Abstract& value) {
  if (const auto* constant = std::get_if<c10::IValue>(&value)) {
    return *constant;
  }
  if (const auto* object = std::get_if<ObjectRef>(&value)) {
    return c10::IValue(object->object);
  }
  if (const auto items = sequence(value)) {
    return known_sequence(*items);
  }
  return std::nullopt;
}

std::optional<std::vector<c10::IValue>> all_known(const std::vector<Abstract>& values) {
  std::vector<c10::IValue> constants;
  constants.reserve(values.size());
  for (const Abstract& value : values) {
    auto constant = known(value);
    if (!constant) {
      return std::nullopt;
    }
    constants.push_back(std::move(*constant));
  }
  return constants;
}

std::shared_ptr<Sequence> sequence(const Abstract& value) {
  const auto* pointer = std::get_if<std::shared_ptr<Sequence>>(&value);
  return pointer == nullptr ? nullptr : *pointer;
}

const ValueId* runtime(const Abstract& value) { return std::get_if<ValueId>(&value); }

std::shared_ptr<Sequence> as_sequence(const Abstract& value) {
  if (auto items = sequence(value)) {
    return items->kind == Sequence::Kind::list || items->kind == Sequence::Kind::tuple ? items
                                                                                       : nullptr;
  }
  const auto* constant = std::get_if<c10::IValue>(&value);
  if (constant == nullptr) {
    return nullptr;
  }
  std::vector<Abstract> items;
  if (constant->isList()) {
    for (const c10::IValue& item : constant->toListRef()) {
      items.emplace_back(item);
    }
    return make_sequence(Sequence::Kind::list, constant->type(), std::move(items));
  }
  if (constant->isTuple()) {
    for (const c10::IValue& item : constant->toTupleRef().elements()) {
      items.emplace_back(item);
    }
    return make_sequence(Sequence::Kind::tuple, constant->type(), std::move(items));
  }
  return nullptr;
}

c10::TypePtr element_type(const c10::TypePtr& list) {
  return list->expect<c10::ListType>()->getElementType();
}

bool holds_tensors(const c10::TypePtr& type) {
  if (const auto optional = type->cast<c10::OptionalType>()) {
    return holds_tensors(optional->getElementType());
  }
  if (const auto list = type->cast<c10::ListType>()) {
    return holds_tensors(list->getElementType());
  }
  return type->isSubtypeOf(*c10::TensorType::get());
}

}  // namespace softbeam::model::torchscript
