// Reads JSON whose shape nobody promised: every access checks. Private to host/model/exported.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace softbeam::model::exported {

using Json = nlohmann::json;

// The JSON is not what the format says. Caught where the file and the record are known.
struct ShapeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// All of these throw ShapeError.
const Json& member(const Json& object, const char* key);
const Json& array(const Json& object, const char* key);
const Json* optional_member(const Json& object, const char* key);  // nullptr: absent or null
const std::string& text(const Json& value);
std::string text_or_empty(const Json& object, const char* key);
std::int64_t integer(const Json& value);
bool boolean(const Json& value);
double number(const Json& value);  // also "Infinity", "-Infinity" and "NaN"
std::vector<std::int64_t> integers(const Json& list);

// A tagged union: {"as_int": 3}.
struct Tagged {
  std::string_view tag;
  const Json& value;
};
Tagged tagged(const Json& value);

}  // namespace softbeam::model::exported
