#include "host/model/exported/signature.h"

namespace softbeam::model::exported {
namespace {

constexpr int max_depth = 64;

// Keys of a dictionary's children. The context is JSON in a text: a list of keys, or for a
// defaultdict an object with such a list.
std::vector<std::string> child_keys(const Json& node, std::size_t children) {
  std::vector<std::string> keys;
  if (const std::string context = text_or_empty(node, "context"); !context.empty()) {
    Json parsed = Json::parse(context, nullptr, false);
    if (const Json* nested = optional_member(parsed, "dict_context")) {
      parsed = Json(*nested);
    }
    if (parsed.is_array() && parsed.size() == children) {
      for (const Json& key : parsed) {
        keys.push_back(key.is_string() ? text(key) : key.dump());
      }
    }
  }
  for (std::size_t i = keys.size(); i < children; ++i) {
    keys.push_back(std::to_string(i));
  }
  return keys;
}

void collect(const Json& node, const std::string& prefix, int depth,
             std::vector<std::string>& names) {
  if (depth > max_depth) {
    throw ShapeError("a result is nested too deeply");
  }
  if (optional_member(node, "type") == nullptr) {
    names.push_back(prefix.empty() ? "0" : prefix);
    return;
  }
  const Json& children = array(node, "children_spec");
  const std::vector<std::string> keys = child_keys(node, children.size());
  for (std::size_t i = 0; i < children.size(); ++i) {
    collect(children[i], prefix.empty() ? keys[i] : prefix + "." + keys[i], depth + 1, names);
  }
}

}  // namespace

std::vector<std::string> leaf_names(const std::string& out_spec) {
  const Json spec = Json::parse(out_spec, nullptr, false);  // discarded instead of throwing
  if (!spec.is_array() || spec.size() != 2) {
    return {};
  }
  std::vector<std::string> names;
  try {
    collect(spec[1], "", 0, names);
  } catch (const ShapeError&) {
    return {};  // numbers will do: names are a convenience
  }
  return names;
}

}  // namespace softbeam::model::exported
