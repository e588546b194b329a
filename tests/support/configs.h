// Configurations over the prepared test models: what most tests of run and campaign start from.
#pragma once

#include <string>

#include "host/config/config.h"

namespace softbeam::support {

inline config::CampaignConfig config_of(const std::string& model, const std::string& data) {
  config::CampaignConfig config;
  config.model.file = std::string(SB_TEST_MODELS) + "/" + model;
  config.data.file = std::string(SB_TEST_MODELS) + "/" + data;
  config.run.threads = 2;
  return config;
}

inline config::CampaignConfig lenet_config() {
  config::CampaignConfig config = config_of("lenet5.pt2", "digits.npz");
  config.run.batch = 64;
  return config;
}

}  // namespace softbeam::support
