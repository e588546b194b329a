// Campaigns that keep counts, and what their stores say. Used by the tests of campaign.record.
#pragma once

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/campaign/csv_rows.h"
#include "tests/support/configs.h"

namespace softbeam::campaign::counted_campaigns {

using config::CampaignConfig;
using record::Store;
using Json = nlohmann::ordered_json;

inline CampaignConfig small(std::uint64_t trials = 700) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = trials;
  return config;
}

inline CampaignConfig weights(std::uint64_t trials = 700) {
  CampaignConfig config = small(trials);
  config.faults.where = config::Where::weights;
  config.campaign.samples_per_fault = 9;
  return config;
}

inline CampaignConfig counted(CampaignConfig config, std::uint64_t keep = 1'000'000) {
  config.campaign.record = config::Record::aggregate;
  config.campaign.keep = keep;
  return config;
}

// The report but for what says how it was run and recorded.
inline std::string report_of(const Store& store, const std::vector<report::GroupKey>& by) {
  report::Options options;
  options.by = by;
  Json json = Json::parse(report::to_json(report::make_report(store, 1, options)));
  for (const char* key : {"config", "started", "record", "kept"}) json["campaign"].erase(key);
  json.erase("execution");
  return json.dump(1);
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The header and the first so many lines of trials with SDC or a non-finite output.
inline std::vector<std::string> worth_keeping(const std::string& rows, std::size_t most) {
  std::vector<std::string> kept;
  for (const std::string& line : lines_of(rows)) {
    const bool worth = line.find(",sdc_critical,") != std::string::npos ||
                       line.find(",sdc_tolerable,") != std::string::npos ||
                       line.find(",nonfinite,") != std::string::npos;
    if (kept.empty() || (worth && kept.size() <= most)) kept.push_back(line);
  }
  return kept;
}

}  // namespace softbeam::campaign::counted_campaigns
