// One unit of trials in the wave: drawn, sorted, taken through the graph in groups that fit in
// memory, judged.
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>

#include "host/campaign/unit_order.h"
#include "host/campaign/wave.h"

namespace softbeam::campaign {
namespace {

// What a trial takes beside its rows' words: lists of rows, effects, its verdict.
constexpr std::uint64_t trial_bytes = 512;

std::span<const injectors::Corruption> corruptions(const run::Chunk& unit, std::uint32_t place) {
  return std::span(unit.corruptions)
      .subspan(unit.first[place], unit.first[place + 1] - unit.first[place]);
}

void add(const run::Chunk& unit, std::uint32_t place, run::Chunk& group) {
  group.trials.push_back(unit.trials[place]);
  const auto own = corruptions(unit, place);
  group.corruptions.insert(group.corruptions.end(), own.begin(), own.end());
  group.first.push_back(group.corruptions.size());
}

}  // namespace

// The unit's trials whose samples are in the block, and their faults.
void Wave::draw(std::span<const record::TrialRange> ranges, run::Chunk& unit) const {
  unit.clear();
  for (const record::TrialRange& range : ranges) {
    planned_.plan->trials(range.first, range.last, unit.trials);
  }
  std::erase_if(unit.trials, [&](const plan::Trial& trial) {
    return trial.sample.value < golden_->samples().front() ||
           trial.sample.value > golden_->samples().back();
  });
  for (const plan::Trial& trial : unit.trials) {
    planned_.plan->fault(trial.fault, unit.corruptions);
    unit.first.push_back(unit.corruptions.size());
  }
}

void Wave::order(std::size_t worker, UnitScratch& scratch) {
  const run::Chunk& unit = scratch.unit;
  // Nobody needs to know more where whole rows of all trials fit.
  const bool all_fit = unit.size() * (largest_trial_ + trial_bytes) <= rows_at_once_[worker];
  const auto steps = static_cast<std::uint32_t>(shared_->program.steps.size());
  scratch.drawn.clear();
  scratch.plain.clear();
  for (std::uint32_t t = 0; t < unit.size(); ++t) {
    // A fault of no word is golden wherever it joins.
    Drawn drawn{.step = steps, .sample = golden_->slot(unit.trials[t].sample.value), .place = t};
    bool plain = false;
    for (const injectors::Corruption& c : corruptions(unit, t)) {
      const SiteInWave& site = sites_[c.site.value];
      drawn.step = std::min(drawn.step, site.step);
      plain = plain || site.plain;
    }
    if (plain) {
      scratch.plain.push_back(t);
    } else {
      drawn.bytes = all_fit ? 0 : bounds_[worker].bytes(corruptions(unit, t)) + trial_bytes;
      scratch.drawn.push_back(drawn);
    }
  }
  scratch.order.sort(scratch.drawn, steps + 1, static_cast<std::uint32_t>(golden_->size()));
}

UnitRows Wave::run(std::size_t worker, std::span<const record::TrialRange> ranges) {
  const c10::InferenceMode inference;
  UnitScratch& scratch = *scratch_[worker];
  const run::Chunk& unit = scratch.unit;
  draw(ranges, scratch.unit);
  order(worker, scratch);

  UnitRows rows;
  rows.trials.resize(unit.size());
  run::Chunk& group = scratch.group;
  std::uint64_t bytes = 0;
  const auto flush = [&] {
    if (!scratch.places.empty()) {
      run_group(worker, scratch, rows.trials);
    }
    group.clear();
    scratch.places.clear();
    bytes = 0;
  };
  group.clear();
  scratch.places.clear();
  for (const Drawn& drawn : scratch.drawn) {
    if (bytes + drawn.bytes > rows_at_once_[worker]) {
      flush();
    }
    add(unit, drawn.place, group);
    scratch.places.push_back(drawn.place);
    bytes += drawn.bytes;
  }
  flush();
  run_as_plain(worker, unit.trials, scratch.plain, rows.trials);
  rows.corruptions.reserve(unit.corruptions.size());
  for (std::uint32_t t = 0; t < unit.size(); ++t) {
    if (t == 0 || unit.trials[t - 1].fault != unit.trials[t].fault) {
      add_corruptions(unit.trials[t].fault, corruptions(unit, t), rows);
    }
  }
  return rows;
}

void Wave::run_as_plain(std::size_t worker, const std::vector<plan::Trial>& trials,
                        std::span<const std::uint32_t> places,
                        std::vector<record::TrialRow>& rows) {
  std::vector<plan::Trial> own;
  for (const std::uint32_t place : places) {
    own.push_back(trials[place]);
  }
  UnitRows plain;
  const std::uint64_t passes = subject_.runners[worker]->passes();
  run_plain(subject_, worker, *planned_.plan, own, plain);
  plain_macs_ += (subject_.runners[worker]->passes() - passes) * subject_.profile.macs *
                 static_cast<std::uint64_t>(subject_.profile.batch);
  for (std::size_t i = 0; i < places.size(); ++i) {
    rows[places[i]] = plain.trials[i];
  }
  plain_trials_ += places.size();
}

void Wave::run_group(std::size_t worker, UnitScratch& scratch,
                     std::vector<record::TrialRow>& rows) {
  if (fits(worker, scratch)) {
    judge_group(worker, scratch, rows);
  } else {
    run_halves(worker, scratch, rows);
  }
}

// False if the device's memory was too small for the group: nothing of it has happened then.
bool Wave::fits(std::size_t worker, UnitScratch& scratch) {
  try {
    runners_[worker]->run(scratch.group, *golden_, scratch.effects);
    return true;
  } catch (const c10::OutOfMemoryError&) {
    if (scratch.group.size() == 1) throw;
    return false;
  }
}

void Wave::run_halves(std::size_t worker, UnitScratch& scratch,
                      std::vector<record::TrialRow>& rows) {
  // Later groups are cut smaller, too.
  std::uint64_t& room = rows_at_once_[worker];
  room = std::max<std::uint64_t>(room / 2, largest_trial_ + trial_bytes);
  const run::Chunk whole = std::move(scratch.group);
  const std::vector<std::uint32_t> places = std::move(scratch.places);
  const auto half = static_cast<std::uint32_t>(whole.size() / 2);
  for (const auto& [first, last] :
       {std::pair(0U, half), std::pair(half, static_cast<std::uint32_t>(whole.size()))}) {
    scratch.group.clear();
    for (std::uint32_t t = first; t < last; ++t) add(whole, t, scratch.group);
    scratch.places.assign(places.begin() + first, places.begin() + last);
    run_group(worker, scratch, rows);
  }
}

void Wave::judge_group(std::size_t worker, const UnitScratch& scratch,
                       std::vector<record::TrialRow>& rows) {
  run::TrialRunner& runner = *runners_[worker];
  const run::Chunk& chunk = scratch.group;
  const std::vector<injectors::Effect>& effects = scratch.effects;
  const std::size_t outputs = subject_.golden->outputs();
  std::vector<std::span<const run::Row>> left;  // by output: rows of trials to come
  std::vector<std::vector<float>> whole(outputs);
  compare::Rows golden(outputs);
  compare::Rows faulty(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    left.emplace_back(runner.rows(o));
  }
  for (std::uint32_t t = 0; t < chunk.size(); ++t) {
    const plan::Trial& trial = chunk.trials[t];
    const auto own =
        std::span(effects).subspan(chunk.first[t], chunk.first[t + 1] - chunk.first[t]);
    record::TrialRow& row = rows[scratch.places[t]];
    if (std::none_of(left.begin(), left.end(),
                     [&](const auto& list) { return !list.empty() && list.front().trial == t; })) {
      row = describe_masked(subject_, trial, own);
      if (row.activated) {
        row.depth = runner.depth(t);
      }
      continue;
    }
    for (std::size_t o = 0; o < outputs; ++o) {
      golden[o] = subject_.golden->row(o, trial.sample.value);
      faulty[o] = golden[o];
      if (!left[o].empty() && left[o].front().trial == t) {
        whole[o].resize(golden[o].size());
        runner.output(o, t, &left[o].front(), reinterpret_cast<std::byte*>(whole[o].data()));
        faulty[o] = whole[o];
        left[o] = left[o].subspan(1);
      }
    }
    row = describe_trial(subject_, trial, own, golden, faulty);
  }
  if (config_.run.verify > 0) {
    verify(worker, chunk, effects);
  }
}

}  // namespace softbeam::campaign
