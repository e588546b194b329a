// Runs one recorded trial again, as a full inference, and shows what the fault did, value by value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/campaign/subject.h"
#include "host/config/load.h"
#include "host/record/store.h"

namespace softbeam::campaign {

struct ReplayedWord {
  std::string site;
  std::uint64_t element = 0;
  std::string operation;
  std::string dtype;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  double value_before = 0.0;
  double value_after = 0.0;
};

struct ReplayedValue {
  std::string name;
  std::string op;
  std::uint64_t elements = 0;   // of one sample
  std::uint64_t different = 0;  // words that differ from golden's, bit for bit
  double max_abs = 0.0;         // over finite pairs
  std::uint64_t nonfinite = 0;  // words that are NaN or Inf where golden's are finite
};

struct Replay {
  record::TrialRow recorded;  // only its ids where the trial is not kept as a row
  bool kept = true;           // false: the store counts the trial and has no row of it
  record::TrialRow now;
  std::vector<ReplayedWord> words;
  std::vector<ReplayedValue> values;  // those that differ, in execution order
  std::string depth_node;             // name of the node at now.depth; "" without a depth
  bool deterministic = true;          // false: a second replay may say something else
  bool equal = false;  // the record says the same; of a trial without a row: nothing against it
};

// Loads the stored campaign's model and data again and replays the trial; one that is only counted
// is drawn again from its id. Throws UsageError for a trial that is not in the store, and if model,
// data, device or golden are no longer the same.
Replay replay_trial(const record::Store& store, std::int64_t campaign, std::uint64_t trial,
                    const std::vector<config::Setting>& settings);

std::string to_text(const Replay& replay);
std::string to_json(const Replay& replay);

}  // namespace softbeam::campaign
