// Private: the tables of campaigns that keep counts. docs/store.md documents them.
// Used when a store takes its first such campaign.
#pragma once

#include <string>

namespace softbeam::record {

// The statements that make them.
std::string aggregate_tables();

}  // namespace softbeam::record
