#include "injectors/corruption.h"

#include <array>
#include <cstddef>

namespace softbeam::injectors {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 6> names = {"bitflip", "stuck_at_0", "stuck_at_1",
                                                   "zero",    "set",        "random"};

}  // namespace

std::string_view name(Operation operation) { return names[static_cast<std::size_t>(operation)]; }

std::optional<Operation> parse_operation(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<Operation>(i);
  }
  return std::nullopt;
}

}  // namespace softbeam::injectors
