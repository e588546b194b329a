// Sweep: which trials reach a step, and with which rows.
#include <algorithm>

#include "host/run/wave/sweep.h"

namespace softbeam::run {

using injectors::Rect;

const ActiveList& Sweep::active(const Step& step) {
  lists_.clear();
  for (const model::ValueId input : step.inputs) {
    lists_.push_back(&rows_[input.value].rows);
  }
  lay_private_rows(step);
  find_struck(step);
  merge_(lists_, struck_trials_, active_, struck_);
  return active_;
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
