// What a plan's trials give, by plain mode and by the wave: what the property compares.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/campaign/subject.h"
#include "host/plan/fault_plan.h"
#include "host/run/wave/counters.h"
#include "host/run/wave/settings.h"

namespace softbeam::run {

// Rows of the steps that are convolutions, by form: crop, canvas, dense.
using RowsByForm = std::array<std::uint64_t, form_kinds>;

struct Outputs {
  std::vector<std::vector<float>> rows;    // by output of the model: [trials, elements]
  std::vector<injectors::Effect> effects;  // trial after trial, in the order of their corruptions
  // The wave alone:
  std::vector<bool> in_wave;                         // by trial; the others ran in plain mode
  std::vector<std::optional<std::uint32_t>> depths;  // by trial
  std::vector<RowsByForm> convolutions;              // by convolution of the program
  std::uint64_t row_bytes = 0;                       // at most, in all waves
  std::uint64_t row_bound = 0;                       // what was expected at most
  std::string refusal;                               // why there was no wave; plain mode then
};

Outputs run_plain(campaign::Subject& subject, const plan::FaultPlan& plan);
// The same in the order of this list.
Outputs run_plain(campaign::Subject& subject, const plan::FaultPlan& plan,
                  const std::vector<plan::Trial>& trials);
Outputs run_wave(campaign::Subject& subject, const plan::FaultPlan& plan,
                 const WaveSettings& settings);

// Where the wave's words are not plain mode's. NaN is NaN: the library's own choice of the payload
// depends on a row's place, in plain mode too, so payloads of outputs are counted only.
struct Comparison {
  std::map<std::uint64_t, std::string> differing;  // by trial: its first difference
  std::uint64_t payloads = 0;                      // words that are NaN in both and not the same
};
Comparison compare(const Outputs& plain, const Outputs& wave, const plan::FaultPlan& plan,
                   const execute::Profile& profile);

// True if plain mode itself gives this trial other words at other rows of a chunk, in any value: an
// elementwise operator computes the last words of a tensor without vectors, and rounds otherwise.
bool depends_on_place(campaign::Subject& subject, const plan::FaultPlan& plan,
                      const plan::Trial& trial);

// For messages: the fault of a trial.
std::string describe_fault(const plan::FaultPlan& plan, injectors::FaultId fault,
                           const execute::Profile& profile);

}  // namespace softbeam::run
