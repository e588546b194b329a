// The sampling frame: which words a fault may strike, and how one is drawn.
// Made from the configuration and the profile's sites; used by the plan and the record.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/config/config.h"
#include "host/execute/site.h"
#include "injectors/fault_model.h"
#include "injectors/rng.h"

namespace softbeam::plan {

struct Frame {
  std::vector<execute::Site> sites;           // chosen, in the profile's order
  std::vector<injectors::FaultModel> models;  // by position: the fault model for the site's dtype
  std::vector<std::uint64_t> cumulative;      // draw weights up to and including each site
  config::SiteWeight weight = config::SiteWeight::elements;
  std::uint64_t count = 1;     // corruptions per fault
  std::uint64_t elements = 0;  // words in all sites

  double draw_share(std::size_t position) const;
  double element_share(std::size_t position) const;
  // "one random bit of 0-31 in one of 4,704 words (outputs of conv2d, linear: 5 sites), ..."
  std::string sentence(std::uint64_t samples) const;
};

// Throws UsageError for a site or operator that the model does not have (with the nearest name),
// for bits that a site's type does not have, a value that it cannot hold, and for more distinct
// corruptions than words.
Frame make_frame(const config::CampaignConfig::Faults& faults,
                 std::span<const execute::Site> sites);

// One word and what happens to it. Draws from the stream: place, then masks.
injectors::Corruption draw(const Frame& frame, injectors::Stream& stream);

}  // namespace softbeam::plan
