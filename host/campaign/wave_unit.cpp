// One unit of trials in the wave: drawn, sorted, taken through the graph in groups that fit in
// memory, judged.
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "host/campaign/wave.h"

namespace softbeam::campaign {
namespace {

// What a trial takes beside its rows' words: lists of rows, effects, its verdict.
constexpr std::uint64_t trial_bytes = 512;

struct Drawn {
  std::uint32_t step = UINT32_MAX;  // where its first strike joins
  std::uint32_t sample = 0;
  std::uint32_t place = 0;  // in the unit
  std::uint64_t bytes = 0;  // of rows, at most
};

// Rows of one layer lie together, then those of one sample.
bool earlier(const Drawn& a, const Drawn& b) {
  return std::tie(a.step, a.sample, a.place) < std::tie(b.step, b.sample, b.place);
}

void draw(const plan::FaultPlan& plan, const std::vector<plan::Trial>& trials, run::Chunk& unit) {
  unit.clear();
  unit.trials = trials;
  for (const plan::Trial& trial : trials) {
    plan.fault(trial.fault, unit.corruptions);
    unit.first.push_back(unit.corruptions.size());
  }
}

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

UnitRows Wave::run(std::size_t worker, std::span<const record::TrialRange> ranges) {
  const c10::InferenceMode inference;
  std::vector<plan::Trial> trials;
  for (const record::TrialRange& range : ranges) {
    planned_.plan->trials(range.first, range.last, trials);
  }
  std::erase_if(trials, [&](const plan::Trial& trial) {
    return trial.sample.value < golden_->samples().front() ||
           trial.sample.value > golden_->samples().back();
  });
  run::Chunk unit;
  draw(*planned_.plan, trials, unit);

  std::vector<Drawn> order;
  std::vector<std::uint32_t> plain;
  for (std::uint32_t t = 0; t < trials.size(); ++t) {
    Drawn drawn{.sample = trials[t].sample.value, .place = t};
    bool as_plain = false;
    for (const injectors::Corruption& c : corruptions(unit, t)) {
      drawn.step = std::min(drawn.step, first_step_[c.site.value]);
      const auto value = subject_.profile.places[c.site.value].value;
      as_plain = as_plain || (is_parameter(subject_.profile.site(c.site)) &&
                              shared_->program.plain_parameters[value.value]);
    }
    if (as_plain) {
      plain.push_back(t);
      continue;
    }
    drawn.bytes = bounds_[worker].bytes(corruptions(unit, t)) + trial_bytes;
    order.push_back(drawn);
  }
  std::sort(order.begin(), order.end(), earlier);

  UnitRows rows;
  rows.trials.resize(trials.size());
  run::Chunk group;
  std::vector<std::uint32_t> places;
  std::uint64_t bytes = 0;
  const auto flush = [&] {
    if (!places.empty()) {
      run_group(worker, group, places, rows.trials);
    }
    group.clear();
    places.clear();
    bytes = 0;
  };
  flush();
  for (const Drawn& drawn : order) {
    if (bytes + drawn.bytes > budget_.rows_per_worker) {
      flush();
    }
    add(unit, drawn.place, group);
    places.push_back(drawn.place);
    bytes += drawn.bytes;
  }
  flush();
  run_as_plain(worker, trials, plain, rows.trials);
  for (std::uint32_t t = 0; t < trials.size(); ++t) {
    if (t == 0 || trials[t - 1].fault != trials[t].fault) {
      add_corruptions(trials[t].fault, corruptions(unit, t), rows);
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
  run_plain(subject_, worker, *planned_.plan, own, plain);
  for (std::size_t i = 0; i < places.size(); ++i) {
    rows[places[i]] = plain.trials[i];
  }
  plain_trials_ += places.size();
}

void Wave::run_group(std::size_t worker, const run::Chunk& chunk,
                     std::span<const std::uint32_t> places, std::vector<record::TrialRow>& rows) {
  run::WaveRunner& runner = *runners_[worker];
  std::vector<injectors::Effect> effects;
  runner.run(chunk, *golden_, effects);

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
    bool differs = false;
    for (std::size_t o = 0; o < outputs; ++o) {
      golden[o] = subject_.golden->row(o, trial.sample.value);
      faulty[o] = golden[o];
      if (!left[o].empty() && left[o].front().trial == t) {
        whole[o].resize(golden[o].size());
        runner.output(o, t, &left[o].front(), reinterpret_cast<std::byte*>(whole[o].data()));
        faulty[o] = whole[o];
        left[o] = left[o].subspan(1);
        differs = true;
      }
    }
    const std::size_t first = chunk.first[t];
    const std::size_t count = chunk.first[t + 1] - first;
    record::TrialRow& row = rows[places[t]];
    row = describe_trial(subject_, trial, std::span(effects).subspan(first, count), golden, faulty);
    if (!differs && row.activated) {
      row.depth = runner.depth(t);
    }
  }
  if (config_.run.verify > 0) {
    verify(worker, chunk, effects);
  }
}

}  // namespace softbeam::campaign
