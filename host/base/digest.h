// 128-bit content digests (XXH3) as 32 hexadecimal digits, for fingerprints of models and data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace softbeam {

std::string digest(std::span<const std::byte> bytes);
// 64 bits of XXH3, for comparing many small pieces within one process.
std::uint64_t hash64(std::span<const std::byte> bytes);
std::string digest(std::string_view text);
// Throws RunError if the file cannot be read.
std::string digest_file(const std::string& path);

}  // namespace softbeam
