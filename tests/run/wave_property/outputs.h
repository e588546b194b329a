// What a plan's trials give, by plain mode and by the wave: what the property compares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/campaign/subject.h"
#include "host/plan/fault_plan.h"
#include "host/run/wave/counters.h"
#include "host/run/wave/settings.h"

namespace softbeam::run {

// Rows of the steps that are convolutions, by form: crop, canvas, dense.
using RowsByForm = std::array<std::uint64_t, 3>;

struct Outputs {
  std::vector<std::vector<float>> rows;    // by output of the model: [trials, elements]
  std::vector<injectors::Effect> effects;  // trial after trial, in the order of their corruptions
  // The wave alone:
  std::vector<bool> in_wave;                         // by trial; the others ran in plain mode
  std::vector<std::optional<std::uint32_t>> depths;  // by trial
  std::vector<RowsByForm> convolutions;              // by convolution of the program
  std::string refusal;                               // why there was no wave; plain mode then
};

Outputs run_plain(campaign::Subject& subject, const plan::FaultPlan& plan);
Outputs run_wave(campaign::Subject& subject, const plan::FaultPlan& plan,
                 const WaveSettings& settings);

// The first trial that differs, in words; "" if every word is the same. NaN words are to be equal
// in all bits too; `payloads` counts those that are NaN on both sides and differ.
std::string first_difference(const Outputs& plain, const Outputs& wave, const plan::FaultPlan& plan,
                             const execute::Profile& profile, std::uint64_t* payloads = nullptr);

// "conv2d bit ..." for messages: the fault of a trial.
std::string describe_fault(const plan::FaultPlan& plan, injectors::FaultId fault,
                           const execute::Profile& profile);

}  // namespace softbeam::run
