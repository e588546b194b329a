// Private to host/config: turns entries into a checked configuration.
// Used by load() and for each point of a sweep.
#pragma once

#include <string>
#include <vector>

#include "host/config/document.h"
#include "host/config/load.h"
#include "host/config/schema.h"

namespace softbeam::config {

// The key that an entry names; throws for an unknown one, or one that is not built yet.
const Key& find_key(const Entry& entry);

// Reads the entries in order, later ones over earlier ones, and refuses contradictions and missing
// keys. `source` names the file in the message about a missing key; it may be empty.
CampaignConfig resolve(const std::vector<Entry>& entries, const std::string& source,
                       DataFile data = DataFile::required);

}  // namespace softbeam::config
