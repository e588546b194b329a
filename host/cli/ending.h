// How a campaign ended, as a line on stderr and an exit code. Private to host/cli.
#pragma once

#include "host/campaign/campaign.h"

namespace softbeam::cli {

// 0 when complete or out of time, 130 when stopped by a signal.
int say_how_it_ended(const campaign::CampaignResult& result);

}  // namespace softbeam::cli
