#include "host/config/load.h"

#include <fmt/format.h>

#include "host/base/error.h"
#include "host/config/document.h"
#include "host/config/resolve.h"

namespace softbeam::config {

CampaignConfig load(const std::string& file, const std::vector<Setting>& settings,
                    SweepSection sweep, DataFile data) {
  Document document = read_document(file);
  if (sweep == SweepSection::refuse && !document.sweep_place.empty()) {
    throw UsageError(
        fmt::format("{}: the file describes a sweep (several campaigns, and this "
                    "command takes one); use `softbeam sweep`, or remove the section "
                    "'sweep'",
                    document.sweep_place));
  }
  for (const Setting& setting : settings) document.entries.push_back(flag_entry(setting));
  return resolve(document.entries, document.name, data);
}

std::vector<std::string> keys_in(const std::string& file) {
  std::vector<std::string> keys;
  for (const Entry& entry : read_document(file).entries) keys.push_back(entry.key);
  return keys;
}

CampaignConfig parse(const std::string& yaml, const std::vector<Setting>& settings) {
  Document document = parse_document(yaml, "the stored configuration");
  for (const Setting& setting : settings) document.entries.push_back(flag_entry(setting));
  return resolve(document.entries, document.name);
}

}  // namespace softbeam::config
