#include <array>
#include <vector>

#include "host/config/fields.h"
#include "host/config/sections.h"

namespace softbeam::config {
namespace {

constexpr std::array<Choice<Record>, 2> records{
    {{"trials", Record::trials}, {"aggregate", Record::aggregate}}};
constexpr std::uint64_t most_kept = std::uint64_t{1} << 40U;  // trials that a store can number

}  // namespace

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
      {.name = "campaign.record",
       .form = "trials|aggregate",
       .fallback = "trials",
       .help = "what the store keeps: a row for every trial, or counts and some of the rows",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.campaign.record = read_choice<Record>(n, records); },
       .write =
           [](const CampaignConfig& c) {
             return write_choice<Record>(c.campaign.record, records);
           }},
      {.name = "campaign.keep",
       .form = "COUNT",
       .fallback = "10000",
       .help =
           "aggregate: rows of so many trials with SDC or a non-finite output, lowest ids first",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.campaign.keep = read_count(n, 0, most_kept); },
       .write =
           [](const CampaignConfig& c) {
             return c.campaign.record == Record::aggregate ? write_count(c.campaign.keep)
                                                           : YAML::Node();
           }},
  };
}

}  // namespace softbeam::config
