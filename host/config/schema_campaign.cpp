#include <vector>

#include "host/config/fields.h"
#include "host/config/sections.h"

namespace softbeam::config {

std::vector<Key> campaign_keys() {
  return {
      {.name = "campaign.trials",
       .form = "COUNT",
       .fallback = "10000",
       .help = "how many trials; the samples are drawn uniformly",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.campaign.trials = read_count(n); },
       .write =
           [](const CampaignConfig& c) {
             return c.campaign.trials_per_sample ? YAML::Node() : write_count(c.campaign.trials);
           }},
      {.name = "campaign.trials_per_sample",
       .form = "COUNT",
       .fallback = "none",
       .help = "instead of trials: every sample meets so many trials",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.campaign.trials_per_sample = read_count(n); },
       .write =
           [](const CampaignConfig& c) {
             return c.campaign.trials_per_sample ? write_count(*c.campaign.trials_per_sample)
                                                 : YAML::Node();
           }},
      {.name = "campaign.samples_per_fault",
       .form = "COUNT",
       .fallback = "1",
       .help = "how many samples one weight or bias fault meets; each is a trial",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.campaign.samples_per_fault = read_count(n); },
       .write =
           [](const CampaignConfig& c) {
             return strikes_parameters(c.faults.where) ? write_count(c.campaign.samples_per_fault)
                                                       : YAML::Node();
           }},
      {.name = "campaign.seed",
       .form = "COUNT",
       .fallback = "1",
       .help = "every random choice is a function of the seed and the trial's number",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.campaign.seed = read_count(n, 0); },
       .write = [](const CampaignConfig& c) { return write_count(c.campaign.seed); }},
      {.name = "campaign.confidence",
       .form = "NUMBER",
       .fallback = "0.95",
       .help = "confidence level of the intervals in reports",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.campaign.confidence = read_confidence(n); },
       .write = [](const CampaignConfig& c) { return write_number(c.campaign.confidence); }},
  };
}

}  // namespace softbeam::config
