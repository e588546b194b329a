// The most memory that the process had at a time. Used by bench.
#pragma once

#include <cstdint>

namespace softbeam::bench {

// Gives free memory back to the system and forgets the peak so far. False where the system does
// not let it: the peak is then that of the whole process.
bool forget_peak();
// Resident bytes at the peak.
std::uint64_t peak_bytes();

}  // namespace softbeam::bench
