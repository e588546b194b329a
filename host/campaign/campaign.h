// A whole campaign: subject -> plan -> store -> loop. `run` is one, `sweep` a list of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "host/campaign/identity.h"
#include "host/campaign/loop.h"
#include "host/campaign/subject.h"
#include "host/campaign/wave.h"
#include "host/record/store.h"
#include "host/run/wave/counters.h"

namespace softbeam::campaign {

struct CampaignOptions {
  std::string label;      // of a sweep's point; "" for a run
  std::string plan_file;  // "" draws the plan
  bool show_progress = false;
  const std::atomic<bool>* stop = nullptr;
  run::WaveSettings wave;                                         // tests turn its knobs
  std::optional<std::chrono::steady_clock::time_point> deadline;  // see deadline_of()
};

// When run.max_time is over, counted from now; nothing without a limit. A sweep has one for all of
// its campaigns.
std::optional<std::chrono::steady_clock::time_point> deadline_of(
    const config::CampaignConfig& config);

struct CampaignResult {
  std::int64_t id = 0;
  Ending ending = Ending::complete;
  std::uint64_t added = 0;   // trials recorded by this call
  std::uint64_t stored = 0;  // trials in the store now
  std::uint64_t planned = 0;
  run::Counters counters;  // of this call's waves
  double setup_s = 0;      // compiling and proving the wave
  std::vector<LayerWork> layers;
};

// Starts the campaign in the store, or goes on with it: a campaign of the same label must be the
// same campaign (see refuse_other_campaign). A store of `run` holds no other campaign.
CampaignResult run_campaign(const Subject& subject, const config::CampaignConfig& config,
                            record::Store& store, const CampaignOptions& options);

// True if a subject loaded for `a` serves `b`: equal model, data and run sections and chunk shape.
bool same_subject(const config::CampaignConfig& a, const config::CampaignConfig& b);

}  // namespace softbeam::campaign
