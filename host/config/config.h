// The one structure that describes a campaign. YAML files and command-line flags are two spellings
// of it; schema.h lists its keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "injectors/corruption.h"
#include "injectors/fault_model.h"

namespace softbeam::config {

enum class OutputKind : std::uint8_t { logits, probabilities };
enum class Where : std::uint8_t { neurons, weights, biases, inputs };
enum class SiteWeight : std::uint8_t { elements, bytes, site };
enum class Mode : std::uint8_t { wave, plain };
enum class Record : std::uint8_t { trials, aggregate };

// Faults of parameters outlast one sample: one fault can meet several.
constexpr bool strikes_parameters(Where where) {
  return where == Where::weights || where == Where::biases;
}

struct CampaignConfig {
  struct Model {
    std::string file;
    OutputKind output = OutputKind::logits;
    friend bool operator==(const Model&, const Model&) = default;
  } model;

  struct Data {
    std::string file;
    std::optional<std::uint64_t> limit;  // first so many samples; all when absent
    friend bool operator==(const Data&, const Data&) = default;
  } data;

  struct Faults {
    Where where = Where::neurons;
    std::vector<std::string> sites;  // names or globs; empty: all of `ops`
    std::vector<std::string> ops;    // ATen names without overload; empty: see default_ops
    SiteWeight weight = SiteWeight::elements;
    injectors::Operation what = injectors::Operation::bit_flip;
    std::vector<injectors::BitSelector> bits;  // empty: every bit of the word
    double value = 0.0;                        // for `what: set`, which demands it
    std::uint64_t count = 1;                   // corruptions per fault, in distinct words
    friend bool operator==(const Faults&, const Faults&) = default;
  } faults;

  struct Campaign {
    std::uint64_t trials = 10000;  // ignored when trials_per_sample is given
    std::optional<std::uint64_t> trials_per_sample;
    std::uint64_t samples_per_fault = 1;  // weight and bias faults
    std::uint64_t seed = 1;
    double confidence = 0.95;
    Record record = Record::trials;  // a row for every trial, or counts of them
    std::uint64_t keep = 10000;      // rows beside the counts, at most
    friend bool operator==(const Campaign&, const Campaign&) = default;
  } campaign;

  struct Run {
    std::string device = "cpu";
    Mode mode = Mode::wave;
    std::uint64_t threads = 0;  // 0: one per core
    std::uint64_t batch = 0;    // samples per chunk; 0: chosen from the kind of fault
    double verify = 0.0;        // share of the wave's trials replayed as full inferences
    std::uint64_t memory = 0;  // bytes for golden values and rows; 0: auto, by the device
    bool tf32 = false;         // a GPU's convolutions and matrix products may round to TF32
    bool allow_nondeterministic = false;             // models whose clean runs differ
    std::optional<double> max_time_s;
    friend bool operator==(const Run&, const Run&) = default;
  } run;

  friend bool operator==(const CampaignConfig&, const CampaignConfig&) = default;
};

}  // namespace softbeam::config
