#include "injectors/strike_list.h"

#include <algorithm>
#include <vector>

namespace softbeam::injectors {

std::optional<std::string> problem_of(std::span<const Strike> strikes, std::uint64_t words) {
  std::vector<std::uint64_t> offsets(strikes.size());
  std::transform(strikes.begin(), strikes.end(), offsets.begin(),
                 [](const Strike& strike) { return strike.offset; });
  std::sort(offsets.begin(), offsets.end());
  if (!offsets.empty() && offsets.back() >= words) {
    return "a strike misses the tensor (word " + std::to_string(offsets.back()) + " of " +
           std::to_string(words) + " from the tensor's first); check the element's index";
  }
  const auto twin = std::adjacent_find(offsets.begin(), offsets.end());
  if (twin != offsets.end()) {
    return "two strikes hit word " + std::to_string(*twin) +
           " (their order on a GPU is not defined); merge them into one";
  }
  return std::nullopt;
}

}  // namespace softbeam::injectors
