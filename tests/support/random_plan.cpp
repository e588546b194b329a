#include "tests/support/random_plan.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "tests/support/random/dice.h"

namespace softbeam::support {
namespace {

using execute::Site;
using execute::SiteKind;
using injectors::Corruption;
using injectors::Operation;

std::uint64_t hostile_word(Dice& dice, int width) {
  if (width != 32) {
    return dice.bits() >> (64 - width);
  }
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto word = [](float value) { return std::uint64_t{std::bit_cast<std::uint32_t>(value)}; };
  return dice.among<std::uint64_t>(
      {word(infinity), word(-infinity), 0x7fc00000, 0x7fc12345, 0xffc00001, 0x7f800001, word(-0.0F),
       word(0.0F), word(0.0F), word(1e-40F), word(-1e-45F), word(1e38F), word(-3e38F), word(1.0F)});
}

Corruption draw_corruption(Dice& dice, const Site& site) {
  const int width = injectors::bits(site.dtype);
  const std::uint64_t all = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  const std::uint64_t bit = std::uint64_t{1} << dice.below(width);
  Corruption corruption{.site = site.id};
  const auto elements = static_cast<std::int64_t>(site.elements);
  // Corners are where a window's arithmetic goes wrong first.
  corruption.element = static_cast<std::uint64_t>(
      dice.chance(0.1) ? dice.among({std::int64_t{0}, elements - 1}) : dice.below(elements));
  const double kind = dice.uniform();
  if (kind < 0.6) {
    corruption.masks = {all, bit};
  } else if (kind < 0.9) {
    corruption.operation = Operation::set_value;
    corruption.masks = {0, hostile_word(dice, width)};
  } else if (kind < 0.96) {
    corruption.operation = Operation::stuck_at_0;
    corruption.masks = {all & ~bit, 0};
  } else {
    corruption.operation = Operation::stuck_at_1;
    corruption.masks = {all & ~bit, bit};
  }
  return corruption;
}

void add(std::vector<Corruption>& fault, const Corruption& corruption) {
  const bool taken = std::any_of(fault.begin(), fault.end(), [&](const Corruption& other) {
    return other.site == corruption.site && other.element == corruption.element;
  });
  if (!taken) {
    fault.push_back(corruption);
  }
}

}  // namespace

RandomPlan::RandomPlan(std::uint64_t seed, const execute::Profile& profile, std::uint64_t samples,
                       PlanSize size) {
  Dice dice(seed);
  // Nodes whose inputs or parameters may be struck are computed on their own: not in every plan.
  const bool inputs = dice.chance(0.45);
  const bool with_parameters = dice.chance(0.6);
  std::vector<const Site*> values;
  std::vector<const Site*> parameters;
  for (const Site& site : profile.sites) {
    if (is_parameter(site)) {
      if (with_parameters) parameters.push_back(&site);
    } else if (inputs || site.kind != SiteKind::input) {
      values.push_back(&site);
    }
  }
  const auto strike = [&](std::vector<Corruption>& fault, const std::vector<const Site*>& sites) {
    const Site* site = dice.among(sites);
    for (std::int64_t i = dice.chance(0.6) ? 1 : dice.between(2, 4); i > 0; --i) {
      add(fault, draw_corruption(dice, *site));
      if (dice.chance(0.5)) {
        site = dice.among(sites);
      }
    }
  };
  const auto meet = [&](std::uint32_t sample) {
    trials_.push_back({{trials_.size()}, {faults_.size() - 1}, {sample}});
  };
  for (std::uint64_t i = 0; i < size.values && !values.empty(); ++i) {
    faults_.emplace_back();
    if (!dice.chance(0.02)) {
      strike(faults_.back(), values);
    }
    meet(static_cast<std::uint32_t>(dice.below(static_cast<std::int64_t>(samples))));
  }
  for (std::uint64_t i = 0; i < size.parameter_faults && !parameters.empty(); ++i) {
    faults_.emplace_back();
    strike(faults_.back(), parameters);
    if (dice.chance(0.1)) {
      strike(faults_.back(), values);
    }
    const auto most = static_cast<std::int64_t>(std::min(size.most_samples, samples));
    const std::int64_t count = dice.between(1, most);
    const std::int64_t first = dice.below(static_cast<std::int64_t>(samples));
    for (std::int64_t s = 0; s < count; ++s) {
      meet(static_cast<std::uint32_t>((first + s) % static_cast<std::int64_t>(samples)));
    }
  }
}

void RandomPlan::trials(std::uint64_t first, std::uint64_t last,
                        std::vector<plan::Trial>& out) const {
  out.insert(out.end(), trials_.begin() + static_cast<std::ptrdiff_t>(first),
             trials_.begin() + static_cast<std::ptrdiff_t>(last));
}

void RandomPlan::fault(injectors::FaultId id, std::vector<Corruption>& out) const {
  const auto& corruptions = faults_[id.value];
  out.insert(out.end(), corruptions.begin(), corruptions.end());
}

}  // namespace softbeam::support
