#include "tests/run/wave_property/outputs.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

namespace softbeam::run {
namespace {

// Trials [begin, end) that plain mode takes in one chunk: of one fault if it strikes parameters.
std::uint64_t end_of_chunk(const campaign::Subject& subject, const plan::FaultPlan& plan,
                           const std::vector<plan::Trial>& trials, std::uint64_t begin) {
  const PlainRunner& runner = *subject.runners.front();
  std::vector<injectors::Corruption> corruptions;
  const auto strikes_parameters = [&](std::uint64_t t) {
    corruptions.clear();
    plan.fault(trials[t].fault, corruptions);
    return runner.strikes_parameters(corruptions);
  };
  const bool parameters = strikes_parameters(begin);
  std::uint64_t end = begin + 1;
  while (end < trials.size() && end - begin < static_cast<std::uint64_t>(subject.profile.batch) &&
         (parameters ? trials[end].fault == trials[begin].fault : !strikes_parameters(end))) {
    ++end;
  }
  return end;
}

// Looks whether the rows of every float value are the same; NaN is NaN.
class RowsOfValues : public execute::Hooks {
 public:
  explicit RowsOfValues(const execute::Profile& profile) : profile_(profile) {}
  void observe(model::ValueId id, const at::Tensor& tensor) override {
    const auto& layout = profile_.layouts[id.value];
    if (!layout || tensor.scalar_type() != at::kFloat) return;
    const at::Tensor rows = execute::rows(tensor, *layout);
    const auto* first = rows.const_data_ptr<float>();
    for (std::int64_t i = rows.size(1); i < rows.numel(); ++i) {
      const float a = first[i % rows.size(1)];
      const float b = first[i];
      differ_ = differ_ || (std::bit_cast<std::uint32_t>(a) != std::bit_cast<std::uint32_t>(b) &&
                            !(std::isnan(a) && std::isnan(b)));
    }
  }
  bool differ() const { return differ_; }

 private:
  const execute::Profile& profile_;
  bool differ_ = false;
};

}  // namespace

Outputs run_plain(campaign::Subject& subject, const plan::FaultPlan& plan) {
  std::vector<plan::Trial> trials;
  plan.trials(0, plan.trials(), trials);
  return run_plain(subject, plan, trials);
}

Outputs run_plain(campaign::Subject& subject, const plan::FaultPlan& plan,
                  const std::vector<plan::Trial>& trials) {
  Outputs result;
  result.rows.resize(subject.profile.output_layouts.size());
  Chunk chunk;
  for (std::uint64_t begin = 0; begin < trials.size();) {
    const std::uint64_t end = end_of_chunk(subject, plan, trials, begin);
    chunk.clear();
    for (std::uint64_t t = begin; t < end; ++t) chunk.add(trials[t], plan);
    const ChunkResult done = subject.runners.front()->run(chunk);
    for (std::size_t o = 0; o < done.outputs.size(); ++o) {
      const auto* first = done.outputs[o].const_data_ptr<float>();
      result.rows[o].insert(
          result.rows[o].end(), first,
          first + static_cast<std::int64_t>(chunk.size()) * done.outputs[o].size(1));
    }
    result.effects.insert(result.effects.end(), done.effects.begin(), done.effects.end());
    begin = end;
  }
  return result;
}

std::string describe_fault(const plan::FaultPlan& plan, injectors::FaultId fault,
                           const execute::Profile& profile) {
  std::vector<injectors::Corruption> corruptions;
  plan.fault(fault, corruptions);
  std::string text;
  for (const injectors::Corruption& c : corruptions) {
    text += fmt::format("{}{}[{}] keep {:#x} flip {:#x}", text.empty() ? "" : ", ",
                        profile.site(c.site).name, c.element, c.masks.keep, c.masks.flip);
  }
  return text;
}

Comparison compare(const Outputs& plain, const Outputs& wave, const plan::FaultPlan& plan,
                   const execute::Profile& profile) {
  std::vector<plan::Trial> trials;
  plan.trials(0, plan.trials(), trials);
  Comparison result;
  std::vector<injectors::Corruption> corruptions;
  std::size_t effect = 0;
  for (std::size_t t = 0; t < trials.size(); ++t) {
    corruptions.clear();
    plan.fault(trials[t].fault, corruptions);
    for (const injectors::Corruption& c : corruptions) {
      const injectors::Effect& a = plain.effects[effect];
      const injectors::Effect& b = wave.effects[effect++];
      if (a == b) continue;
      result.differing.try_emplace(
          t, fmt::format("trial {} ({}): {}[{}] was {:#x} and became {:#x}, not {:#x} and {:#x}", t,
                         describe_fault(plan, trials[t].fault, profile), profile.site(c.site).name,
                         c.element, b.before, b.after, a.before, a.after));
    }
  }
  for (std::size_t o = 0; o < plain.rows.size(); ++o) {
    const std::size_t elements = plain.rows[o].size() / trials.size();
    for (std::size_t i = 0; i < plain.rows[o].size(); ++i) {
      const float a = plain.rows[o][i];
      const float b = wave.rows[o][i];
      const std::size_t t = i / elements;
      if (std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b)) continue;
      if (std::isnan(a) && std::isnan(b)) {
        ++result.payloads;
        continue;
      }
      result.differing.try_emplace(
          t,
          fmt::format("trial {} (sample {}; {}): output {} word {} is {} ({:#x}), not {} ({:#x})",
                      t, trials[t].sample.value, describe_fault(plan, trials[t].fault, profile), o,
                      i % elements, b, std::bit_cast<std::uint32_t>(b), a,
                      std::bit_cast<std::uint32_t>(a)));
    }
  }
  return result;
}

bool depends_on_place(campaign::Subject& subject, const plan::FaultPlan& plan,
                      const plan::Trial& trial) {
  Chunk chunk;
  chunk.clear();
  for (std::int64_t r = 0; r < subject.profile.batch; ++r) {
    chunk.add(trial, plan);
  }
  RowsOfValues rows(subject.profile);
  subject.runners.front()->run(chunk, &rows);
  return rows.differ();
}

}  // namespace softbeam::run
