// What a fault does to one word: two masks, word' = (word & keep) ^ flip.
// Plain data, shared by plans, kernels and records.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "injectors/ids.h"

namespace softbeam::injectors {

enum class Operation : std::uint8_t {
  bit_flip,
  stuck_at_0,
  stuck_at_1,
  zero,
  set_value,
  random_value
};

std::string_view name(
    Operation operation);  // "bitflip", "stuck_at_0", "stuck_at_1", "zero", "set", "random"
std::optional<Operation> parse_operation(std::string_view text);

// Masks of words narrower than 64 bits have zeros above the word's width.
struct Masks {
  std::uint64_t keep = 0;
  std::uint64_t flip = 0;
  friend constexpr bool operator==(const Masks&, const Masks&) = default;
};

// One word of one site and what happens to it. `element` is the row-major logical index within one
// sample with the batch removed, or within the tensor for a parameter.
struct Corruption {
  SiteId site;
  Operation operation = Operation::bit_flip;
  std::uint64_t element = 0;
  Masks masks;
  friend constexpr bool operator==(const Corruption&, const Corruption&) = default;
};

// A corruption resolved to a place in memory: `offset` counts words from the first word of the
// tensor's data. The strikes of one call have distinct offsets.
struct Strike {
  std::uint64_t offset = 0;
  Masks masks;
};

// The word before the strike, and the word read back from memory after it.
struct Effect {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  friend constexpr bool operator==(const Effect&, const Effect&) = default;
};

}  // namespace softbeam::injectors
