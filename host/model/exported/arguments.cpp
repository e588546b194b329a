#include "host/model/exported/arguments.h"

#include <ATen/core/List.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/jit_type.h>
#include <fmt/core.h>

#include <utility>

#include "host/model/exported/coerce.h"
#include "host/model/exported/enums.h"

namespace softbeam::model::exported {
namespace {

Argument slot(const Json& name, const Scope& scope) {
  return {{}, {{0, -1, scope.find(text(name))}}};
}

// {"as_int": 3} or {"as_name": "s0"}; the same for booleans and floats.
Argument symbol(const Json& value, const Scope& scope) {
  const Tagged content = tagged(value);
  if (content.tag == "as_name") {
    return slot(content.value, scope);
  }
  if (content.tag == "as_int") {
    return {integer(content.value), {}};
  }
  if (content.tag == "as_bool") {
    return {boolean(content.value), {}};
  }
  if (content.tag == "as_float") {
    return {number(content.value), {}};
  }
  throw ShapeError(fmt::format("a number of kind '{}' is not supported", content.tag));
}

const Json& list_of(const Json& value) {
  if (!value.is_array()) {
    throw ShapeError(fmt::format("a list was expected, not a {}", value.type_name()));
  }
  return value;
}

// Items are constants or slots; `placeholder` stands where a slot is.
template <class Item, class ReadItem>
Argument read_list(const Json& items, const Item& placeholder, ReadItem read_item) {
  Argument result;
  c10::List<Item> list;
  for (const Json& item : list_of(items)) {
    Argument read = read_item(item);
    if (read.slots.empty() && !read.content.isNone()) {
      list.push_back(read.content.template to<Item>());
      continue;
    }
    for (const Slot& inner : read.slots) {
      result.slots.push_back({0, static_cast<std::int32_t>(list.size()), inner.value});
    }
    list.push_back(placeholder);
  }
  result.content = std::move(list);
  return result;
}

Argument tensor_slot(const Json& value, const Scope& scope) {
  return slot(member(value, "name"), scope);
}

// {"as_tensor": {"name": …}} or {"as_none": true}
Argument optional_tensor(const Json& value, const Scope& scope) {
  const Tagged content = tagged(value);
  if (content.tag == "as_none") {
    return {};
  }
  if (content.tag != "as_tensor") {
    throw ShapeError(fmt::format("an optional tensor cannot be '{}'", content.tag));
  }
  return tensor_slot(content.value, scope);
}

Argument tensors(const Tagged& argument, const c10::Type& wanted, const Scope& scope) {
  const auto read = [&](const Json& item) {
    return argument.tag == "as_tensors" ? tensor_slot(item, scope) : optional_tensor(item, scope);
  };
  const auto* list = wanted.castRaw<c10::ListType>();
  if (list != nullptr && list->getElementType()->kind() == c10::TypeKind::TensorType) {
    return read_list(argument.value, at::Tensor(), read);
  }
  return read_list(argument.value, std::optional<at::Tensor>(), read);
}

Argument read_untyped(const Tagged& argument, const c10::Type& wanted, const Scope& scope) {
  const auto& [tag, value] = argument;
  const auto constant = [](c10::IValue content) { return Argument{std::move(content), {}}; };
  if (tag == "as_tensor") {
    return tensor_slot(value, scope);
  }
  if (tag == "as_none") {
    return {};
  }
  if (tag == "as_int") {
    return constant(integer(value));
  }
  if (tag == "as_float") {
    return constant(number(value));
  }
  if (tag == "as_bool") {
    return constant(boolean(value));
  }
  if (tag == "as_string") {
    return constant(text(value));
  }
  if (tag == "as_complex") {
    return constant(
        c10::complex<double>(number(member(value, "real")), number(member(value, "imag"))));
  }
  if (tag == "as_sym_int" || tag == "as_sym_bool" || tag == "as_sym_float") {
    return symbol(value, scope);
  }
  if (tag == "as_optional_tensor") {
    return optional_tensor(value, scope);
  }
  if (tag == "as_tensors" || tag == "as_optional_tensors") {
    return tensors(argument, wanted, scope);
  }
  if (tag == "as_ints") {
    return constant(c10::List<std::int64_t>(integers(value)));
  }
  const auto read_symbol = [&](const Json& item) { return symbol(item, scope); };
  if (tag == "as_sym_ints") {
    return read_list(value, std::int64_t{0}, read_symbol);
  }
  if (tag == "as_sym_bools") {
    return read_list(value, false, read_symbol);
  }
  if (tag == "as_sym_floats") {
    return read_list(value, 0.0, read_symbol);
  }
  if (tag == "as_floats") {
    return read_list(value, 0.0, [](const Json& item) { return Argument{number(item), {}}; });
  }
  if (tag == "as_bools") {
    return read_list(value, false, [](const Json& item) { return Argument{boolean(item), {}}; });
  }
  if (tag == "as_strings") {
    return read_list(value, std::string(), [](const Json& item) {
      return Argument{text(item), {}};
    });
  }
  if (tag == "as_scalar_type") {
    return constant(scalar_type(integer(value)));
  }
  if (tag == "as_memory_format") {
    return constant(memory_format(integer(value)));
  }
  if (tag == "as_layout") {
    return constant(layout(integer(value)));
  }
  if (tag == "as_device") {
    return constant(c10::Device(c10::DeviceType::CPU));
  }
  throw ShapeError(fmt::format("an argument of kind '{}' is not supported", tag));
}

bool wants_tensor(const c10::Type& type) {
  if (const auto* optional = type.castRaw<c10::OptionalType>()) {
    return wants_tensor(*optional->getElementType());
  }
  return type.kind() == c10::TypeKind::TensorType;
}

}  // namespace

ValueId Scope::find(const std::string& name) const {
  const auto it = values_.find(name);
  if (it == values_.end()) {
    throw ShapeError(fmt::format("value '{}' is used but nothing makes it", name));
  }
  return it->second;
}

Argument read_argument(const Json& argument, const c10::Argument& formal, const Scope& scope) {
  const Tagged content = tagged(argument);
  Argument result = read_untyped(content, *formal.type(), scope);
  if (result.slots.empty()) {
    result.content = coerce(std::move(result.content), *formal.type(), formal.N());
  } else if (content.tag.starts_with("as_sym_") && wants_tensor(*formal.type())) {
    result.number_for_tensor = true;
  }
  return result;
}

Argument read_number(const Json& argument, const Scope& scope) {
  const Tagged content = tagged(argument);
  if (content.tag == "as_int" || content.tag == "as_float" || content.tag == "as_bool") {
    return symbol(argument, scope);
  }
  if (content.tag == "as_sym_int" || content.tag == "as_sym_bool" ||
      content.tag == "as_sym_float") {
    return symbol(content.value, scope);
  }
  throw ShapeError(fmt::format("a number was expected, not '{}'", content.tag));
}

std::vector<std::string> value_names(const Json& argument) {
  const Tagged content = tagged(argument);
  if (content.tag == "as_tensor") {
    return {text(member(content.value, "name"))};
  }
  if (content.tag == "as_tensors") {
    std::vector<std::string> names;
    for (const Json& item : list_of(content.value)) {
      names.push_back(text(member(item, "name")));
    }
    return names;
  }
  if (content.tag == "as_optional_tensors") {
    std::vector<std::string> names;
    for (const Json& item : list_of(content.value)) {
      const Tagged optional = tagged(item);
      names.push_back(optional.tag == "as_tensor" ? text(member(optional.value, "name")) : "");
    }
    return names;
  }
  if (content.tag == "as_sym_int" || content.tag == "as_sym_bool" ||
      content.tag == "as_sym_float") {
    return {text_or_empty(content.value, "as_name")};
  }
  return {""};
}

}  // namespace softbeam::model::exported
