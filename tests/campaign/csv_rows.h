// Campaigns as the rows that they record. Used by the tests of wave mode.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "host/campaign/campaign.h"
#include "host/report/report.h"
#include "tests/support/temp_dir.h"

namespace softbeam::campaign {

inline std::string csv(const record::Store& store, std::int64_t campaign = 1) {
  std::ostringstream out;
  report::export_csv(store, campaign, out);
  return out.str();
}

// The lines but for one column, which has no quoted one before it.
inline std::string without_column(const std::string& lines, std::size_t column) {
  std::istringstream in(lines);
  std::string result;
  for (std::string line; std::getline(in, line);) {
    std::size_t first = 0;
    for (std::size_t c = 0; c < column; ++c) first = line.find(',', first) + 1;
    result += line.substr(0, first) + line.substr(line.find(',', first)) + '\n';
  }
  return result;
}

// Plain mode knows no depth.
inline std::string without_depth(const std::string& lines) { return without_column(lines, 8); }

struct Ran {
  CampaignResult result;
  record::Notes notes;
  std::string rows;  // as CSV

  std::string note(const std::string& key) const {
    for (const auto& [name, text] : notes) {
      if (name == key) return text;
    }
    return "";
  }
};

// Starts the campaign in a store of its own, or goes on with it.
inline Ran run_in(const std::string& path, const config::CampaignConfig& config,
                  const CampaignOptions& options = {}) {
  record::Store store = record::Store::open_for_writing(path);
  const auto subject = load_subject(config, true);
  Ran ran{.result = run_campaign(*subject, config, store, options), .notes = {}, .rows = {}};
  ran.notes = store.notes(ran.result.id);
  ran.rows = csv(store, ran.result.id);
  return ran;
}

inline Ran run_whole(const config::CampaignConfig& config, const CampaignOptions& options = {}) {
  const support::TempDir folder;
  Ran ran = run_in(folder.path("a.db"), config, options);
  EXPECT_EQ(ran.result.ending, Ending::complete);
  EXPECT_EQ(ran.result.stored, ran.result.planned);
  return ran;
}

}  // namespace softbeam::campaign
