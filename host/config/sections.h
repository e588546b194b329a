// Private to host/config: the keys of each section, which schema.cpp joins to one table.
#pragma once

#include <vector>

#include "host/config/schema.h"

namespace softbeam::config {

std::vector<Key> model_and_data_keys();
std::vector<Key> fault_keys();
std::vector<Key> campaign_keys();
std::vector<Key> run_keys();

// Operations that strike some of a word's bits, so that `faults.bits` has a meaning.
constexpr bool uses_bits(injectors::Operation operation) {
  return operation == injectors::Operation::bit_flip ||
         operation == injectors::Operation::stuck_at_0 ||
         operation == injectors::Operation::stuck_at_1;
}

}  // namespace softbeam::config
