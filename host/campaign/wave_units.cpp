#include "host/campaign/wave_units.h"

#include <algorithm>

namespace softbeam::campaign {

std::vector<record::TrialRange> Slices::take(std::uint64_t trials) {
  std::vector<record::TrialRange> slice;
  while (trials > 0 && !empty()) {
    record::TrialRange& range = left_[next_];
    const std::uint64_t count = std::min(trials, range.last - range.first);
    slice.push_back({range.first, range.first + count});
    range.first += count;
    next_ += range.first == range.last ? 1 : 0;
    trials -= count;
  }
  return slice;
}

void SliceSize::took(double golden_s, double trials_s) {
  constexpr double wanted = 10;      // times golden's
  constexpr double most_growth = 4;  // one round's measurement may be far off
  if (trials_s > 0) {
    const double factor = std::clamp(wanted * golden_s / trials_s, 1.0, most_growth);
    trials_ = static_cast<std::uint64_t>(factor * static_cast<double>(trials_));
  }
}

WaveUnits::WaveUnits(std::vector<record::TrialRange> ids, const plan::FaultPlan& plan,
                     BlockSamples block, std::uint64_t workers, std::uint64_t most)
    : ids_(ids), plan_(plan), block_(block), workers_(workers), most_(most) {
  for (const record::TrialRange& range : ids) left_ += range.last - range.first;
}

std::vector<record::TrialRange> WaveUnits::next() {
  constexpr std::uint64_t least = 256;
  const std::uint64_t in_block = left_ * (block_.last - block_.first) / block_.of_all;
  std::uint64_t want = std::clamp(3 * in_block / (4 * workers_), least, most_);
  std::vector<record::TrialRange> unit;
  while (want > 0 && !ids_.empty()) {
    want -= add(want, unit);
  }
  return unit;
}

std::uint64_t WaveUnits::add(std::uint64_t want, std::vector<record::TrialRange>& unit) {
  const std::vector<record::TrialRange> ids = ids_.take(want);
  std::uint64_t added = 0;
  for (const record::TrialRange& range : ids) {
    left_ -= range.last - range.first;
    if (block_.all()) {
      unit.push_back(range);
      added += range.last - range.first;
      continue;
    }
    drawn_.clear();
    plan_.trials(range.first, range.last, drawn_);
    for (const plan::Trial& trial : drawn_) {
      if (trial.sample.value < block_.first || trial.sample.value >= block_.last) {
        continue;
      }
      const std::uint64_t id = trial.id.value;
      if (!unit.empty() && unit.back().last == id) {
        unit.back().last = id + 1;
      } else {
        unit.push_back({id, id + 1});
      }
      ++added;
    }
  }
  return added;
}

}  // namespace softbeam::campaign
