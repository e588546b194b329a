#include "cuda/conv/select.h"

#include <algorithm>

namespace softbeam::gpu {

std::string text(std::span<const Rejection> rejected) {
  if (rejected.empty()) return "cuDNN proposes no engine";
  std::vector<std::pair<std::string, int>> reasons;  // in the order in which they first came up
  for (const Rejection& rejection : rejected) {
    const auto known = std::find_if(reasons.begin(), reasons.end(), [&](const auto& reason) {
      return reason.first == rejection.why;
    });
    if (known == reasons.end()) {
      reasons.emplace_back(rejection.why, 1);
    } else {
      ++known->second;
    }
  }
  std::string listed =
      std::to_string(rejected.size()) + (rejected.size() == 1 ? " engine: " : " engines: ");
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (i > 0) listed += ", ";
    listed += std::to_string(reasons[i].second) + " " + reasons[i].first;
  }
  return listed;
}

}  // namespace softbeam::gpu
