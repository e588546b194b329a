#include "host/model/exported/json.h"

#include <fmt/core.h>

#include <limits>

namespace softbeam::model::exported {

const Json& member(const Json& object, const char* key) {
  if (!object.is_object()) {
    throw ShapeError(
        fmt::format("'{}' should be in an object, not in a {}", key, object.type_name()));
  }
  const auto it = object.find(key);
  if (it == object.end()) {
    throw ShapeError(fmt::format("'{}' is missing", key));
  }
  return *it;
}

const Json& array(const Json& object, const char* key) {
  const Json& value = member(object, key);
  if (!value.is_array()) {
    throw ShapeError(fmt::format("'{}' should be a list, not a {}", key, value.type_name()));
  }
  return value;
}

const Json* optional_member(const Json& object, const char* key) {
  const auto it = object.find(key);  // end() for what is no object
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

const std::string& text(const Json& value) {
  if (!value.is_string()) {
    throw ShapeError(fmt::format("a text was expected, not a {}", value.type_name()));
  }
  return value.get_ref<const std::string&>();
}

std::string text_or_empty(const Json& object, const char* key) {
  const Json* value = optional_member(object, key);
  return value == nullptr ? "" : text(*value);
}

std::int64_t integer(const Json& value) {
  if (!value.is_number_integer()) {
    throw ShapeError(fmt::format("a whole number was expected, not a {}", value.type_name()));
  }
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    throw ShapeError("a whole number does not fit 64 bits");
  }
  return value.get<std::int64_t>();
}

bool boolean(const Json& value) {
  if (!value.is_boolean()) {
    throw ShapeError(fmt::format("true or false was expected, not a {}", value.type_name()));
  }
  return value.get<bool>();
}

double number(const Json& value) {
  if (value.is_number()) {
    return value.get<double>();
  }
  const std::string& name = text(value);
  if (name == "Infinity") {
    return std::numeric_limits<double>::infinity();
  }
  if (name == "-Infinity") {
    return -std::numeric_limits<double>::infinity();
  }
  if (name == "NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  throw ShapeError(fmt::format("a number was expected, not '{}'", name));
}

std::vector<std::int64_t> integers(const Json& list) {
  if (!list.is_array()) {
    throw ShapeError(
        fmt::format("a list of whole numbers was expected, not a {}", list.type_name()));
  }
  std::vector<std::int64_t> values;
  values.reserve(list.size());
  for (const Json& item : list) {
    values.push_back(integer(item));
  }
  return values;
}

Tagged tagged(const Json& value) {
  if (!value.is_object() || value.size() != 1) {
    throw ShapeError(fmt::format("an object with one member was expected, not a {}",
                                 value.is_object() ? "larger or an empty one" : value.type_name()));
  }
  return {value.begin().key(), value.begin().value()};
}

}  // namespace softbeam::model::exported
