// The one place where the property test meets the wave.
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstring>

#include "host/campaign/wave.h"
#include "host/run/wave/row_bounds.h"
#include "tests/run/wave_property/outputs.h"
#include "tests/support/random/dice.h"

namespace softbeam::run {
namespace {

// The campaign owns its plan.
class Borrowed : public plan::FaultPlan {
 public:
  explicit Borrowed(const plan::FaultPlan& plan) : plan_(plan) {}
  std::uint64_t trials() const override { return plan_.trials(); }
  bool clustered() const override { return plan_.clustered(); }
  void trials(std::uint64_t first, std::uint64_t last,
              std::vector<plan::Trial>& out) const override {
    plan_.trials(first, last, out);
  }
  void fault(injectors::FaultId id, std::vector<injectors::Corruption>& out) const override {
    plan_.fault(id, out);
  }

 private:
  const plan::FaultPlan& plan_;
};

// Trials whose faults are not the wave's.
std::vector<bool> plain_trials(const campaign::Subject& subject, const Program& program,
                               const plan::FaultPlan& plan,
                               const std::vector<plan::Trial>& trials) {
  std::vector<bool> plain;
  std::vector<injectors::Corruption> corruptions;
  for (const plan::Trial& trial : trials) {
    corruptions.clear();
    plan.fault(trial.fault, corruptions);
    plain.push_back(
        std::any_of(corruptions.begin(), corruptions.end(), [&](const injectors::Corruption& c) {
          return is_parameter(subject.profile.site(c.site)) &&
                 program.plain_parameters[subject.profile.places[c.site.value].value.value];
        }));
  }
  return plain;
}

}  // namespace

Outputs run_wave(campaign::Subject& subject, const plan::FaultPlan& plan,
                 const WaveSettings& settings) {
  const c10::InferenceMode inference;
  std::vector<plan::Trial> trials;
  plan.trials(0, plan.trials(), trials);
  // What the wave does not take is as plain mode has it.
  Outputs result = run_plain(subject, plan);
  campaign::Planned planned;
  planned.plan = std::make_unique<Borrowed>(plan);
  planned.source = "drawn";
  campaign::Wave wave(subject, subject.config, planned, settings);
  if (!wave.refusal().empty()) {
    result.refusal = wave.refusal();
    return result;
  }
  const Program& program = wave.program();
  result.depths.resize(trials.size());
  result.in_wave = plain_trials(subject, program, plan, trials);
  result.in_wave.flip();

  std::vector<std::size_t> effect_of{0};  // by trial: its first effect
  std::vector<injectors::Corruption> corruptions;
  for (const plan::Trial& trial : trials) {
    plan.fault(trial.fault, corruptions);
    effect_of.push_back(corruptions.size());
  }
  // Any order of trials, in waves of any number of trials.
  support::Dice dice(settings.seed);
  std::vector<std::size_t> order;
  for (std::size_t t = 0; t < trials.size(); ++t) {
    if (result.in_wave[t]) order.push_back(t);
  }
  for (std::size_t i = order.size(); i > 1 && settings.seed % 2 == 0; --i) {
    std::swap(order[i - 1], order[static_cast<std::size_t>(dice.below(static_cast<int>(i)))]);
  }
  TrialRunner& runner = wave.runner(0);
  runner.limit_rows(0);  // holds what is in use alone
  RowBounds bounds(program);
  for (std::size_t first = 0; first < order.size();) {
    const std::size_t left = order.size() - first;
    const std::size_t size =
        dice.chance(0.5) ? left : static_cast<std::size_t>(dice.between(1, static_cast<int>(left)));
    Chunk chunk;
    chunk.clear();
    for (std::size_t i = first; i < first + size; ++i) chunk.add(trials[order[i]], plan);
    std::vector<injectors::Effect> effects;
    runner.run(chunk, wave.golden(), effects);
    // A block at least for each value, and for what one node alone reads.
    std::uint64_t bound = RowPool::least_block * (program.values.size() + 1);
    for (std::size_t i = 0; i < size; ++i) {
      bound += bounds.bytes(std::span(chunk.corruptions)
                                .subspan(chunk.first[i], chunk.first[i + 1] - chunk.first[i]));
    }
    result.row_bound = std::max(result.row_bound, bound);
    result.row_bytes = runner.counters().peak_row_bytes;
    for (std::size_t o = 0; o < result.rows.size(); ++o) {
      const std::size_t elements = result.rows[o].size() / trials.size();
      const std::vector<Row>& rows = runner.rows(o);
      auto row = rows.begin();
      for (std::uint32_t i = 0; i < size; ++i) {
        const bool differs = row != rows.end() && row->trial == i;
        runner.output(
            o, i, differs ? &*row : nullptr,
            reinterpret_cast<std::byte*>(result.rows[o].data() + order[first + i] * elements));
        row += differs ? 1 : 0;
      }
    }
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::size_t t = order[first + i];
      result.depths[t] = runner.depth(i);
      std::copy_n(effects.begin() + static_cast<std::ptrdiff_t>(chunk.first[i]),
                  effect_of[t + 1] - effect_of[t],
                  result.effects.begin() + static_cast<std::ptrdiff_t>(effect_of[t]));
    }
    first += size;
  }
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    if (program.steps[s].kind == StepKind::convolution) {
      result.convolutions.push_back(runner.counters().rows_by_form[s]);
    }
  }
  return result;
}

}  // namespace softbeam::run
