// Private to host/config: reads and writes one value of a key, with messages that name the value,
// the reason and the way out. Used by the tables of keys.
#pragma once

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.h"

namespace softbeam::config {

// The value as YAML that reads back to the same node: "conv1", "\"a b\"", "[0-7, sign]".
std::string yaml_text(const YAML::Node& node);

// The scalar's text; throws for a list, a mapping, nothing.
std::string read_text(const YAML::Node& node);
// The same for a text that may not be empty.
std::string read_name(const YAML::Node& node);
// Plain digits only: "1e4", "10_000", "-5", "3.5" and "007" are errors that say what to write.
std::uint64_t read_count(const YAML::Node& node, std::uint64_t least = 1,
                         std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
// A finite number.
double read_number(const YAML::Node& node);
// Above 0, and below 1 by what the normal quantile needs.
double read_confidence(const YAML::Node& node);
// Seconds from "90", "90s", "10m", "2h".
double read_time_s(const YAML::Node& node);
// Bytes from "4GiB", "1.5 GiB", "512MB" or plain digits.
std::uint64_t read_bytes(const YAML::Node& node, std::uint64_t least, std::uint64_t most);
// The items of a list; throws for a single value, an empty list, an empty item.
std::vector<std::string> read_list(const YAML::Node& node);

YAML::Node write_text(std::string_view text);
YAML::Node write_count(std::uint64_t count);
YAML::Node write_number(double number);
// In the largest binary unit that divides it: "4GiB", "1536MiB", "1000".
YAML::Node write_bytes(std::uint64_t bytes);
YAML::Node write_list(std::span<const std::string> items);

[[noreturn]] void throw_unknown_value(std::string_view value,
                                      std::span<const std::string> accepted);

template <class Enum>
struct Choice {
  std::string_view name;
  Enum value;
};

template <class Enum>
Enum read_choice(const YAML::Node& node, std::span<const Choice<Enum>> choices) {
  const std::string text = read_text(node);
  std::vector<std::string> names;
  for (const Choice<Enum>& choice : choices) {
    if (choice.name == text) return choice.value;
    names.emplace_back(choice.name);
  }
  throw_unknown_value(text, names);
}

template <class Enum>
YAML::Node write_choice(Enum value, std::span<const Choice<Enum>> choices) {
  for (const Choice<Enum>& choice : choices) {
    if (choice.value == value) return write_text(choice.name);
  }
  throw std::logic_error("a choice without a name");
}

}  // namespace softbeam::config
