// The table of keys: every key's name, meaning, default, and how it is read from and written to
// CampaignConfig. Help texts, flags, YAML files, --dump-config and configs/README.md come from it.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <span>
#include <string>

#include "host/config/config.h"

namespace softbeam::config {

struct Key {
  std::string name;  // "faults.bits"
  std::string
      form;  // "LIST", "FILE", "COUNT", "NUMBER", "SHARE", "BYTES", "TIME", "neurons|weights|..."
  std::string fallback;  // default as text, "" for a required key
  std::string help;      // one line
  // Sets the field; throws UsageError whose message starts with the problem, without the place.
  std::function<void(CampaignConfig&, const YAML::Node&)> read;
  std::function<YAML::Node(const CampaignConfig&)> write;  // an undefined/null node: not set
};

// In the order of CampaignConfig; the keys of a section stand together.
std::span<const Key> keys();

// A key or value of the published contract that this version cannot run yet: "campaign.margin", or
// a value as "faults.where=memory" or "faults.what=classes.*", a glob. The advice says what to use
// instead.
struct Unbuilt {
  std::string name;
  std::string advice;
};
std::span<const Unbuilt> unbuilt_keys();

}  // namespace softbeam::config
