// The rows of the campaign store, as plain structures. docs/store.md documents the tables.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "host/compare/verdict.h"
#include "host/execute/site.h"
#include "injectors/corruption.h"

namespace softbeam::record {

// Half-open range [first, last) of trial ids.
struct TrialRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const TrialRange&, const TrialRange&) = default;
};

// What must agree before trials may be added to a campaign: ordered pairs such as
// {"model", digest}, {"data", digest}, {"golden", digest}, {"threads", "2"}, {"torch", "2.11.0"}.
using Fingerprint = std::vector<std::pair<std::string, std::string>>;

// Key of the fact that stands there, as "no", where the model's clean runs differ.
inline constexpr const char* deterministic_fact = "deterministic";

// How a campaign's trials were run, as ordered pairs of key and text: "mode", "forms", "verified",
// "switched_off" (one pair each), ... What changes no outcome, and is known at the end of a run.
using Notes = std::vector<std::pair<std::string, std::string>>;

// One site of the sampling frame, with the share of the draws that it gets and its share of the
// frame's elements (equal when faults are drawn by elements).
struct FrameSite {
  execute::Site site;
  double draw_share = 0.0;
  double element_share = 0.0;
};

// How a campaign is recorded that keeps counts of its trials and rows of only some of them: of
// those with SDC or a non-finite output the `keep` with the lowest ids. Its trials are numbered
// along their faults, `samples_per_fault` each.
struct AggregateRule {
  std::uint64_t keep = 0;
  std::uint64_t samples_per_fault = 1;
  friend bool operator==(const AggregateRule&, const AggregateRule&) = default;
};

struct CampaignRow {
  std::int64_t id = 0;        // 1, 2, ... within the store
  std::string label;          // "" for `run`; "faults.bits=30" for a point of a sweep
  std::string config;         // resolved YAML
  std::uint64_t planned = 0;  // trials
  double confidence = 0.95;
  bool clustered = false;     // one fault meets several samples: trials are not independent
  std::uint64_t samples = 0;  // in the data set
  std::string frame;     // one sentence: what was drawn, how, from how many elements and samples
  std::string started;   // UTC, ISO 8601
  std::string versions;  // JSON: softbeam, torch, device, threads, batch, ...
  Fingerprint fingerprint;
  std::vector<FrameSite> sites;
  std::optional<AggregateRule> aggregate;  // absent: a row for every trial
};

struct GoldenRow {
  injectors::SampleId sample;
  std::optional<std::int64_t> label;
  std::optional<std::int32_t> top1;  // empty for models without a class answer
  std::optional<double> confidence;  // probability of top1
};

struct CorruptionRow {
  injectors::FaultId fault;
  std::uint32_t position = 0;  // within the fault
  injectors::Corruption corruption;
};

struct TrialRow {
  injectors::TrialId trial;
  injectors::FaultId fault;
  injectors::SampleId sample;
  bool activated = false;              // some bit of some word really changed
  std::optional<std::uint32_t> depth;  // known in wave mode only
  compare::Verdict verdict;
};

// Trials, and the corruptions of their faults, that lie somewhere else.
struct RowSpans {
  std::span<const TrialRow> trials;
  std::span<const CorruptionRow> corruptions;
};

}  // namespace softbeam::record
