#include "host/campaign/unit_order.h"

#include <numeric>

namespace softbeam::campaign {
namespace {

// One pass of a stable counting sort; `key` of an item is below `bound`.
template <class Key>
void pass(const std::vector<Drawn>& from, std::vector<Drawn>& to, std::uint32_t bound,
          std::vector<std::uint32_t>& starts, Key key) {
  starts.assign(std::size_t{bound} + 1, 0);
  for (const Drawn& item : from) {
    ++starts[std::size_t{key(item)} + 1];
  }
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  to.resize(from.size());
  for (const Drawn& item : from) {
    to[starts[key(item)]++] = item;
  }
}

}  // namespace

void UnitOrder::sort(std::vector<Drawn>& drawn, std::uint32_t steps, std::uint32_t samples) {
  pass(drawn, sorted_, samples, starts_, [](const Drawn& item) { return item.sample; });
  pass(sorted_, drawn, steps, starts_, [](const Drawn& item) { return item.step; });
}

}  // namespace softbeam::campaign
