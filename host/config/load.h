// Reads a campaign from YAML and flags, checks it, and prints it back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/config/config.h"

namespace softbeam::config {

// One `--key value` pair from the command line, or one value of a sweep.
struct Setting {
  std::string key;    // "faults.bits"
  std::string value;  // taken literally; for a list "conv1,*.fc" or a YAML list "[0-7, sign]"
  friend bool operator==(const Setting&, const Setting&) = default;
};

// What load() makes of a section `sweep:`, which only load_sweep() reads.
enum class SweepSection : std::uint8_t { refuse, allow };

// Whether a campaign must name its samples; bench makes some up.
enum class DataFile : std::uint8_t { required, optional };

// A campaign read from `file` (may be empty: none; "-": standard input, which is read once and
// remembered), with the settings laid over it in order. Relative paths inside a file are relative
// to the working directory.
// Throws UsageError naming key, value, file and line: unknown keys (with the nearest name),
// duplicate keys, wrong types, values out of range, keys not built yet, contradictions (bits with
// `what: zero`, value without `what: set` and the reverse, several samples_per_fault with neurons
// or inputs, keep without `record: aggregate`, trials with trials_per_sample), and missing required
// keys (model.file, data.file); RunError for a file that cannot be read.
CampaignConfig load(const std::string& file, const std::vector<Setting>& settings,
                    SweepSection sweep = SweepSection::refuse, DataFile data = DataFile::required);

// The keys that the file gives, in its order; none for an empty name. Throws as load() does where
// the file is no campaign, but leaves keys unchecked.
std::vector<std::string> keys_in(const std::string& file);

// `sweep:` of a campaign file: a mapping from keys to lists of values; the product of all of them.
// Returns each point's settings in order (first key varies slowest), to be given to load() behind
// `over`. A swept value replaces the file's; a key that is swept and in `over` is an error. Every
// point is checked. Same errors as load().
std::vector<std::vector<Setting>> load_sweep(const std::string& file,
                                             const std::vector<Setting>& over);

// What dump() wrote, as a store keeps it, with settings laid over it. Throws as load() does.
CampaignConfig parse(const std::string& yaml, const std::vector<Setting>& settings = {});

// The resolved configuration as YAML that load() reads back to an equal structure.
std::string dump(const CampaignConfig& config);

// The keys of two configurations whose values differ, as "faults.bits: [0-31] -> [30]"; a key
// without a value reads "not set".
std::vector<std::string> differences(const CampaignConfig& a, const CampaignConfig& b);

}  // namespace softbeam::config
