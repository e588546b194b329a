// A folder that goes away, and rows made by formulas, so that any of them can be checked alone.
// Used by the tests of record and report.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "host/record/store.h"

namespace softbeam::record::fixtures {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "softbeam-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

  // Name of everything inside, with the bytes of files.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      std::string& bytes = all[entry.path().filename()];
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline FrameSite frame_site(std::uint32_t id, const std::string& name, double draw_share,
                            double element_share,
                            injectors::DType dtype = injectors::DType::float32) {
  FrameSite entry;
  entry.site.id.value = id;
  entry.site.name = name;
  entry.site.op = name.substr(0, 2) == "fc" ? "linear" : "conv2d";
  entry.site.module = name;
  entry.site.dtype = dtype;
  entry.site.shape = {6, 28, 28};
  entry.site.elements = 4704;
  entry.site.macs = 12345;
  entry.draw_share = draw_share;
  entry.element_share = element_share;
  return entry;
}

inline CampaignRow campaign_row(const std::string& label = "") {
  CampaignRow row;
  row.label = label;
  row.config = "faults: {bits: [0-31]}";
  row.planned = 1000;
  row.samples = 10;
  row.frame = "One bit of one element of conv1, fc1.";
  row.started = "2026-01-02T03:04:05Z";
  row.versions = R"({"softbeam":"0.1.0"})";
  row.fingerprint = {{"model", "abc"}, {"data", "def"}};
  row.sites = {frame_site(3, "conv1", 0.75, 0.75), frame_site(7, "fc1", 0.25, 0.25)};
  return row;
}

// Sample i has label i % 10 and golden is right but for every fourth sample.
inline std::vector<GoldenRow> golden_rows(std::uint32_t samples = 10) {
  std::vector<GoldenRow> rows;
  for (std::uint32_t i = 0; i < samples; ++i) {
    const auto label = static_cast<std::int32_t>(i % 10);
    rows.push_back({.sample = {i},
                    .label = label,
                    .top1 = i % 4 == 3 ? (label + 1) % 10 : label,
                    .confidence = 0.5 + i * 0.01});
  }
  return rows;
}

inline TrialRow trial_row(std::uint64_t trial, std::uint64_t fault,
                          compare::Outcome outcome = compare::Outcome::masked) {
  TrialRow row;
  row.trial.value = trial;
  row.fault.value = fault;
  row.sample.value = static_cast<std::uint32_t>(trial % 10);
  row.activated = true;
  row.verdict.outcome = outcome;
  return row;
}

inline CorruptionRow corruption_row(std::uint64_t fault, std::uint32_t position, std::uint32_t site,
                                    int bit) {
  CorruptionRow row;
  row.fault.value = fault;
  row.position = position;
  row.corruption.site.value = site;
  row.corruption.element = fault * 3 + position;
  row.corruption.masks = {.keep = 0xffffffff, .flip = std::uint64_t{1} << bit};
  return row;
}

// Trials [first, last), one fault and one corruption each.
inline void append_range(Store& store, std::int64_t campaign, std::uint64_t first,
                         std::uint64_t last) {
  std::vector<TrialRow> trials;
  std::vector<CorruptionRow> corruptions;
  for (std::uint64_t i = first; i < last; ++i) {
    trials.push_back(trial_row(i, i));
    corruptions.push_back(corruption_row(i, 0, 3, static_cast<int>(i % 32)));
  }
  store.append(campaign, trials, corruptions);
}

}  // namespace softbeam::record::fixtures
