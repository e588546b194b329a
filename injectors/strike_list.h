// Finds what is wrong with a list of strikes before it is launched.
// Used by cuda/ and by the backends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "injectors/corruption.h"

namespace softbeam::injectors {

// Nothing where all offsets are below `words` and distinct; else what is wrong, as a sentence.
std::optional<std::string> problem_of(std::span<const Strike> strikes, std::uint64_t words);

}  // namespace softbeam::injectors
