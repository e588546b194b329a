// Random words for tests whose space is too large to exhaust; every seed is printed.
// Used by tests/injectors, tests/cuda and tests/backend. SB_TEST_SEED repeats a run.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace softbeam::tests {

inline std::mt19937_64 printed_generator() {
  const char* const given = std::getenv("SB_TEST_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "seed: SB_TEST_SEED=" << seed << '\n';
  return std::mt19937_64(seed);
}

}  // namespace softbeam::tests
