#include <fmt/format.h>

#include "host/config/fields.h"
#include "host/config/load.h"
#include "host/config/schema.h"

namespace softbeam::config {

std::string dump(const CampaignConfig& config) {
  std::string out;
  std::string open_section;
  for (const Key& key : keys()) {
    const YAML::Node node = key.write(config);
    if (!node.IsDefined() || node.IsNull()) continue;
    const std::size_t dot = key.name.find('.');
    const std::string section = key.name.substr(0, dot);
    if (section != open_section) out += section + ":\n";
    open_section = section;
    out += fmt::format("  {}: {}\n", key.name.substr(dot + 1), yaml_text(node));
  }
  return out;
}

std::vector<std::string> differences(const CampaignConfig& a, const CampaignConfig& b) {
  const auto text = [](const YAML::Node& node) {
    return !node.IsDefined() || node.IsNull() ? std::string("not set") : yaml_text(node);
  };
  std::vector<std::string> out;
  for (const Key& key : keys()) {
    const std::string before = text(key.write(a));
    const std::string after = text(key.write(b));
    if (before != after) out.push_back(fmt::format("{}: {} -> {}", key.name, before, after));
  }
  return out;
}

}  // namespace softbeam::config
