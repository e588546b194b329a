// Private to host/config: a campaign file as a flat list of keys with their places.
// Finds what is wrong with the file's form; what the keys mean is resolve.h's.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <vector>

#include "host/config/load.h"

namespace softbeam::config {

struct Entry {
  std::string key;  // "faults.bits"
  YAML::Node node;
  std::string place;  // "campaign.yaml:7: faults.bits" or "--faults.bits"; messages start with it
};

struct Document {
  std::string name;  // of the file, as messages say it
  std::vector<Entry> entries;
  std::vector<Entry> sweep;  // the section `sweep:`, empty where there is none
  std::string sweep_place;
};

// An empty name gives an empty document. Throws as load() does, but leaves keys unchecked.
Document read_document(const std::string& file);
// The same for text that is at hand; `name` stands for the file in messages.
Document parse_document(const std::string& text, const std::string& name);

// A flag as an entry: lists are split at commas, or read as YAML where the text starts with '['.
Entry flag_entry(const Setting& setting);

}  // namespace softbeam::config
