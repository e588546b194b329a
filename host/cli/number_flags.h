// Numbers of flags that are no keys of the campaign file, read as strictly as keys are; CLI11 would
// take "0x10", "1e3" and "010". Private to host/cli.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace softbeam::cli {

// The most that a store can count.
inline constexpr std::uint64_t largest_number = 9223372036854775807U;

// These throw UsageError whose message starts with the flag.
std::uint64_t read_count_flag(const std::string& flag, const std::string& text,
                              std::uint64_t least);
double read_confidence_flag(const std::string& flag, const std::string& text);
// The sizes of a tensor, "1,28,28".
std::vector<std::int64_t> read_shape_flag(const std::string& flag, const std::string& text);

}  // namespace softbeam::cli
