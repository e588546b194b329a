// Trials a second over the whole path of `run`, store included. Used by bench.
#pragma once

#include <string>
#include <vector>

#include "host/campaign/campaign.h"

namespace softbeam::bench {

struct Trials {
  campaign::CampaignResult result;
  record::Notes notes;
  double seconds = 0;         // of everything below
  double cpu_seconds = 0;     // that the process got for it, of all its threads
  double golden_seconds = 0;  // golden of every sample, twice

  double per_second() const { return static_cast<double>(result.added) / seconds; }
};

// Runs the campaign into a store in a folder of its own, which is removed again. Counted are
// golden, planning, compiling and proving the wave, the trials and their recording; not the
// reading of files and the profile. Throws Stopped where options.stop was set.
Trials time_campaign(campaign::Subject& subject, const config::CampaignConfig& config,
                     const campaign::CampaignOptions& options);

}  // namespace softbeam::bench
