#include "host/run/wave/active_list.h"

#include <algorithm>

namespace softbeam::run {

void ActiveList::clear(std::size_t of_inputs) {
  inputs = of_inputs;
  trials.clear();
  rows.clear();
}

void ActiveMerge::operator()(std::span<const std::vector<Row>* const> lists,
                             std::span<const std::uint32_t> struck_trials, ActiveList& active,
                             ActiveList& struck) {
  active.clear(lists.size());
  struck.clear(lists.size());
  if (lists.size() == 1 && struck_trials.empty()) {
    for (const Row& row : *lists.front()) {
      active.trials.push_back(row.trial);
      active.rows.push_back(&row);
    }
    return;
  }
  heads_.assign(lists.size(), 0);
  auto next_struck = struck_trials.begin();
  while (true) {
    std::uint32_t trial = next_struck != struck_trials.end() ? *next_struck : UINT32_MAX;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (heads_[i] < lists[i]->size()) {
        trial = std::min(trial, (*lists[i])[heads_[i]].trial);
      }
    }
    if (trial == UINT32_MAX) {
      return;
    }
    const bool is_struck = next_struck != struck_trials.end() && *next_struck == trial;
    next_struck += is_struck ? 1 : 0;
    ActiveList& list = is_struck ? struck : active;
    list.trials.push_back(trial);
    for (std::size_t i = 0; i < lists.size(); ++i) {
      const bool has = heads_[i] < lists[i]->size() && (*lists[i])[heads_[i]].trial == trial;
      list.rows.push_back(has ? &(*lists[i])[heads_[i]] : nullptr);
      heads_[i] += has ? 1 : 0;
    }
  }
}

}  // namespace softbeam::run
