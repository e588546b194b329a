// Sweep: which trials reach a step, and with which rows.
#include <algorithm>

#include "host/run/wave/sweep.h"

namespace softbeam::run {

using injectors::Rect;

void ActiveList::clear(std::size_t of_inputs) {
  inputs = of_inputs;
  trials.clear();
  rows.clear();
}

const ActiveList& Sweep::active(const Step& step) {
  lists_.clear();
  for (const model::ValueId input : step.inputs) {
    lists_.push_back(&rows_[input.value].rows);
  }
  lay_private_rows(step);
  find_struck(step);
  active_.clear(step.inputs.size());
  struck_.clear(step.inputs.size());
  if (lists_.size() != 1 || !struck_trials_.empty()) {
    merge_lists();
    return active_;
  }
  for (const Row& row : *lists_.front()) {
    active_.trials.push_back(row.trial);
    active_.rows.push_back(&row);
  }
  return active_;
}

void Sweep::merge_lists() {
  heads_.assign(lists_.size(), 0);
  auto struck = struck_trials_.begin();
  while (true) {
    std::uint32_t trial = struck != struck_trials_.end() ? *struck : UINT32_MAX;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      if (heads_[i] < lists_[i]->size()) {
        trial = std::min(trial, (*lists_[i])[heads_[i]].trial);
      }
    }
    if (trial == UINT32_MAX) {
      return;
    }
    const bool is_struck = struck != struck_trials_.end() && *struck == trial;
    struck += is_struck ? 1 : 0;
    ActiveList& list = is_struck ? struck_ : active_;
    list.trials.push_back(trial);
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const bool has = heads_[i] < lists_[i]->size() && (*lists_[i])[heads_[i]].trial == trial;
      list.rows.push_back(has ? &(*lists_[i])[heads_[i]] : nullptr);
      heads_[i] += has ? 1 : 0;
    }
  }
}

void Sweep::find_struck(const Step& step) {
  struck_trials_.clear();
  for (const model::ValueId parameter : step.parameters) {
    for (const Strikable& s : strikes_.at_parameter(parameter)) {
      struck_trials_.push_back(s.trial);
    }
  }
  std::sort(struck_trials_.begin(), struck_trials_.end());
  struck_trials_.erase(std::unique(struck_trials_.begin(), struck_trials_.end()),
                       struck_trials_.end());
}

// What one node reads through a struck slot is its own: the value's row, or golden, struck.
void Sweep::lay_private_rows(const Step& step) {
  const model::NodeId node = step.nodes.front();
  if (!strikes_.any_at_input(node)) {
    return;
  }
  private_memory_.clear(pool_);
  private_rows_.resize(std::max(private_rows_.size(), step.inputs.size()));
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const auto all = strikes_.at_input(node, step.slots[i]);
    if (all.empty()) {
      continue;
    }
    const model::ValueId id = step.inputs[i];
    const WaveValue& value = program_.value(id);
    const std::vector<Row>& rows = rows_[id.value].rows;
    std::vector<Row>& own = private_rows_[i];
    own.assign(rows.begin(), rows.end());
    for (std::size_t s = 0; s < all.size(); ++s) {
      const std::uint32_t trial = all[s].trial;
      if (s > 0 && all[s - 1].trial == trial) {
        continue;
      }
      const auto below =
          std::lower_bound(rows.begin(), rows.end(), Row{trial, {}, nullptr}, earlier);
      const Row* row = below != rows.end() && below->trial == trial ? &*below : nullptr;
      Rect rect = row != nullptr ? row->rect : Rect{};
      const auto mine = of_trial(all, trial);
      for (const Strikable& strikable : mine) {
        rect = united(rect, pixel_of(value, strikable));
      }
      const auto bytes = static_cast<std::size_t>(value.channels) *
                         static_cast<std::size_t>(rect.area()) * value.word_bytes;
      std::byte* data = private_memory_.allocate(bytes, pool_);
      copy_window(id, trial, row, rect, data);
      if (strike(value, mine, rect, data)) {
        note_death_at(node, trial);
      }
      const Row struck{trial, rect, data};
      if (row != nullptr) {
        own[static_cast<std::size_t>(row - rows.data())] = struck;
      } else {
        own.push_back(struck);
      }
    }
    std::sort(own.begin(), own.end(), earlier);
    lists_[i] = &own;
  }
}

}  // namespace softbeam::run
