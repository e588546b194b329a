#include "host/record/trial_class.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "host/base/error.h"
#include "injectors/fault_model.h"

namespace softbeam::record {
namespace {

// From the lowest bit: outcome 3, flags of 1 each, depth + 1 (0: not known), bit, site.
enum Shift : int { activated = 3, sdc_1, sdc_5, sdc_10, sdc_20, labelled, golden, faulty, depth };
constexpr int depth_bits = 22;
constexpr int bit_bits = 7;
constexpr int struck_shift = depth + depth_bits;
constexpr std::uint64_t outcome_mask = 7;
constexpr std::uint64_t depth_mask = (std::uint64_t{1} << depth_bits) - 1;
constexpr std::uint32_t bit_mask = (1U << bit_bits) - 1;

bool strikes_a_bit(injectors::Operation operation) {
  return operation == injectors::Operation::bit_flip ||
         operation == injectors::Operation::stuck_at_0 ||
         operation == injectors::Operation::stuck_at_1;
}

std::uint8_t bit_of(const injectors::Corruption& corruption, injectors::DType dtype) {
  if (!strikes_a_bit(corruption.operation)) return whole_word;
  std::uint64_t touched = touched_bits(corruption.masks, dtype);
  if (touched == 0) return no_bit;
  const auto lowest = static_cast<std::uint8_t>(std::countr_zero(touched));
  if (std::has_single_bit(touched)) return lowest;
  const auto field = field_of(dtype, lowest);
  for (; touched != 0; touched &= touched - 1) {
    if (field_of(dtype, std::countr_zero(touched)) != field) return several_fields;
  }
  return static_cast<std::uint8_t>(bits_of_field + static_cast<std::uint8_t>(field));
}

}  // namespace

std::uint64_t pack(const TrialClass& trials) {
  const auto flag = [](bool value, int shift) { return std::uint64_t{value} << shift; };
  const std::uint64_t depth_code = trials.depth ? std::uint64_t{*trials.depth} + 1 : 0;
  const std::uint64_t struck = std::uint64_t{trials.struck.site} << bit_bits | trials.struck.bit;
  return static_cast<std::uint64_t>(trials.outcome) | flag(trials.activated, activated) |
         flag(trials.sdc_1, sdc_1) | flag(trials.sdc_5, sdc_5) | flag(trials.sdc_10, sdc_10) |
         flag(trials.sdc_20, sdc_20) | flag(trials.labelled, labelled) |
         flag(trials.golden_right, golden) | flag(trials.faulty_right, faulty) |
         (depth_code & depth_mask) << depth | struck << struck_shift;
}

std::optional<TrialClass> unpack(std::uint64_t packed) {
  const auto flag = [&](int shift) { return (packed >> shift & 1U) != 0; };
  const auto* const outcome = std::find(compare::all_outcomes.begin(), compare::all_outcomes.end(),
                                        static_cast<compare::Outcome>(packed & outcome_mask));
  if (outcome == compare::all_outcomes.end()) return std::nullopt;
  TrialClass trials{.struck = unpack_struck(packed_struck(packed)),
                    .depth = {},
                    .outcome = *outcome,
                    .activated = flag(activated),
                    .sdc_1 = flag(sdc_1),
                    .sdc_5 = flag(sdc_5),
                    .sdc_10 = flag(sdc_10),
                    .sdc_20 = flag(sdc_20),
                    .labelled = flag(labelled),
                    .golden_right = flag(golden),
                    .faulty_right = flag(faulty)};
  const std::uint64_t depth_code = packed >> depth & depth_mask;
  if (depth_code > 0) trials.depth = static_cast<std::uint32_t>(depth_code - 1);
  return trials;
}

std::uint64_t without_depth(std::uint64_t packed) { return packed & ~(depth_mask << depth); }

std::uint32_t packed_struck(std::uint64_t packed) {
  return static_cast<std::uint32_t>(packed >> struck_shift);
}

Struck unpack_struck(std::uint32_t packed) {
  return {.site = packed >> bit_bits, .bit = static_cast<std::uint8_t>(packed & bit_mask)};
}

Classifier::Classifier(const std::vector<FrameSite>& frame, std::span<const GoldenRow> golden)
    : frame_sites_(frame.size()) {
  for (const FrameSite& entry : frame) {
    const std::size_t id = entry.site.id.value;
    dtypes_.resize(std::max(dtypes_.size(), id + 1));
    dtypes_[id] = entry.site.dtype;
  }
  for (const GoldenRow& row : golden) {
    const std::size_t id = row.sample.value;
    samples_.resize(std::max(samples_.size(), id + 1));
    samples_[id] = {.label = row.label,
                    .golden_right = row.label && row.top1 && *row.top1 == *row.label};
  }
}

injectors::DType Classifier::dtype(injectors::SiteId site) const {
  if (site.value >= dtypes_.size() || !dtypes_[site.value]) {
    throw RunError(
        fmt::format("the store is damaged (a fault strikes site {}, which the "
                    "campaign's frame of {} sites lacks)",
                    site.value, frame_sites_));
  }
  return *dtypes_[site.value];
}

Struck Classifier::struck(std::span<const CorruptionRow> corruptions) const {
  if (corruptions.empty()) return {};
  const injectors::Corruption& first = corruptions.front().corruption;
  const injectors::DType type = dtype(first.site);
  if (corruptions.size() == 1) return {.site = first.site.value, .bit = bit_of(first, type)};
  bool same = true;
  for (const CorruptionRow& row : corruptions.subspan(1)) {
    dtype(row.corruption.site);
    same = same && row.corruption.site == first.site;
  }
  return {.site = same ? first.site.value : several_sites, .bit = several_corruptions};
}

TrialClass Classifier::classify(const TrialRow& row, Struck struck) const {
  const compare::Verdict& verdict = row.verdict;
  TrialClass trials{.struck = struck,
                    .depth = row.depth,
                    .outcome = verdict.outcome,
                    .activated = row.activated,
                    .sdc_1 = verdict.sdc_1.value_or(false),
                    .sdc_5 = verdict.sdc_5.value_or(false),
                    .sdc_10 = verdict.sdc_10.value_or(false),
                    .sdc_20 = verdict.sdc_20.value_or(false)};
  if (row.sample.value >= samples_.size() || !samples_[row.sample.value].label) return trials;
  const Sample& sample = samples_[row.sample.value];
  trials.labelled = true;
  trials.golden_right = sample.golden_right;
  trials.faulty_right = verdict.outcome != compare::Outcome::nonfinite && verdict.top1 &&
                        *verdict.top1 == *sample.label;
  return trials;
}

}  // namespace softbeam::record
