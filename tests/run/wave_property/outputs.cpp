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

}  // namespace

Outputs run_plain(campaign::Subject& subject, const plan::FaultPlan& plan) {
  Outputs result;
  result.rows.resize(subject.profile.output_layouts.size());
  std::vector<plan::Trial> trials;
  plan.trials(0, plan.trials(), trials);
  Chunk chunk;
  for (std::uint64_t begin = 0; begin < trials.size();) {
    const std::uint64_t end = end_of_chunk(subject, plan, trials, begin);
    chunk.fill(plan, begin, end);
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

std::string first_difference(const Outputs& plain, const Outputs& wave, const plan::FaultPlan& plan,
                             const execute::Profile& profile, std::uint64_t* payloads) {
  std::vector<plan::Trial> trials;
  plan.trials(0, plan.trials(), trials);
  std::string first;
  if (plain.rows.size() != wave.rows.size()) {
    return "another number of outputs";
  }
  for (std::size_t o = 0; o < plain.rows.size(); ++o) {
    if (plain.rows[o].size() != wave.rows[o].size()) {
      return fmt::format("output {} has {} words, not {}", o, wave.rows[o].size(),
                         plain.rows[o].size());
    }
    const std::size_t elements = plain.rows[o].size() / trials.size();
    for (std::size_t i = 0; i < plain.rows[o].size(); ++i) {
      const float a = plain.rows[o][i];
      const float b = wave.rows[o][i];
      if (std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b)) {
        continue;
      }
      if (payloads != nullptr && std::isnan(a) && std::isnan(b)) {
        ++*payloads;
      }
      if (first.empty()) {
        first =
            fmt::format("trial {} (sample {}; {}): output {} word {} is {} ({:#x}), not {} ({:#x})",
                        i / elements, trials[i / elements].sample.value,
                        describe_fault(plan, trials[i / elements].fault, profile), o, i % elements,
                        b, std::bit_cast<std::uint32_t>(b), a, std::bit_cast<std::uint32_t>(a));
      }
    }
  }
  if (first.empty() && plain.effects != wave.effects) {
    std::size_t i = 0;
    while (i < plain.effects.size() && i < wave.effects.size() &&
           plain.effects[i] == wave.effects[i]) {
      ++i;
    }
    first = fmt::format("effect {} differs", i);
  }
  return first;
}

}  // namespace softbeam::run
