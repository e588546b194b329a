// Single values as text, read as strictly as those of a campaign file. For flags that are no keys.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace softbeam::config {

// Plain digits within [least, most]; throws UsageError that names the text, without a place.
std::uint64_t parse_count(const std::string& text, std::uint64_t least = 1,
                          std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

// A confidence level, above 0 and at most 1 - 1e-12 (beyond it the normal quantile loses its
// digits); throws as above.
double parse_confidence(const std::string& text);

// Seconds from "90", "90s", "10m" or "2h"; throws as above.
double parse_time_s(const std::string& text);

}  // namespace softbeam::config
