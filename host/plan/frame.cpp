#include "host/plan/frame.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "host/base/error.h"
#include "host/plan/select_sites.h"

namespace softbeam::plan {
namespace {

using config::SiteWeight;
using injectors::FaultModel;
using injectors::Operation;

std::uint64_t draw_weight(const execute::Site& site, SiteWeight weight) {
  switch (weight) {
    case SiteWeight::elements:
      return site.elements;
    case SiteWeight::bytes:
      return site.bytes();
    case SiteWeight::site:
      return 1;
  }
  return 1;
}

FaultModel model_for(const config::CampaignConfig::Faults& faults, const execute::Site& site) {
  const injectors::BitSet bits = injectors::resolve_bits(faults.bits, site.dtype);
  if (!bits.error.empty()) {
    throw UsageError(fmt::format("faults.bits: {} at site '{}'", bits.error, site.name));
  }
  FaultModel model{.operation = faults.what, .bits = bits.mask};
  if (faults.what == Operation::set_value) {
    const auto word = injectors::encode(faults.value, site.dtype);
    if (!word || !std::isfinite(injectors::decode(*word, site.dtype))) {
      throw UsageError(fmt::format("faults.value: {} cannot be stored as {} at site '{}'",
                                   faults.value, injectors::name(site.dtype), site.name));
    }
    model.value = *word;
  }
  return model;
}

std::string kinds_of(const std::vector<execute::Site>& sites) {
  std::set<std::string> kinds;
  std::set<std::string> ops;
  for (const execute::Site& site : sites) {
    kinds.insert(fmt::format("{}s", execute::name(site.kind)));
    ops.insert(site.op);
  }
  return fmt::format("{} of {}", fmt::join(kinds, " and "), fmt::join(ops, ", "));
}

}  // namespace

double Frame::draw_share(std::size_t position) const {
  const std::uint64_t before = position == 0 ? 0 : cumulative[position - 1];
  return static_cast<double>(cumulative[position] - before) /
         static_cast<double>(cumulative.back());
}

double Frame::element_share(std::size_t position) const {
  return static_cast<double>(sites[position].elements) / static_cast<double>(elements);
}

std::string Frame::sentence(std::uint64_t samples) const {
  const FaultModel& model = models.front();
  const bool by_bit = model.operation == Operation::bit_flip ||
                      model.operation == Operation::stuck_at_0 ||
                      model.operation == Operation::stuck_at_1;
  constexpr std::array how{"uniformly over words", "in proportion to bytes",
                           "uniformly over sites, then over the words of the site"};
  return fmt::format(
      "{} x {}{} among {} words of {} site{} ({}), drawn {}, with replacement; "
      "{} samples",
      count, injectors::name(model.operation), by_bit ? " of a uniformly drawn bit" : "", elements,
      sites.size(), sites.size() == 1 ? "" : "s", kinds_of(sites),
      how[static_cast<std::size_t>(weight)], samples);
}

Frame make_frame(const config::CampaignConfig::Faults& faults,
                 std::span<const execute::Site> sites) {
  Frame frame{.sites = select_sites(faults, sites),
              .models = {},
              .cumulative = {},
              .weight = faults.weight,
              .count = faults.count,
              .elements = 0};
  std::uint64_t total = 0;
  for (const execute::Site& site : frame.sites) {
    frame.models.push_back(model_for(faults, site));
    total += draw_weight(site, faults.weight);
    frame.cumulative.push_back(total);
    frame.elements += site.elements;
  }
  if (frame.count > frame.elements) {
    throw UsageError(
        fmt::format("faults.count: {} distinct corruptions do not fit ({} words in "
                    "the chosen sites); lower it or choose more sites",
                    frame.count, frame.elements));
  }
  return frame;
}

injectors::Corruption draw(const Frame& frame, injectors::Stream& stream) {
  const std::uint64_t at = stream.below(frame.cumulative.back());
  const auto found = std::upper_bound(frame.cumulative.begin(), frame.cumulative.end(), at);
  const auto position = static_cast<std::size_t>(found - frame.cumulative.begin());
  const execute::Site& site = frame.sites[position];
  const std::uint64_t within = at - (position == 0 ? 0 : frame.cumulative[position - 1]);
  std::uint64_t element = within;
  if (frame.weight == SiteWeight::bytes) {
    element = within / static_cast<std::uint64_t>(injectors::bytes(site.dtype));
  } else if (frame.weight == SiteWeight::site) {
    element = stream.below(site.elements);
  }
  const FaultModel& model = frame.models[position];
  return {.site = site.id,
          .operation = model.operation,
          .element = element,
          .masks = injectors::draw_masks(model, site.dtype, stream)};
}

}  // namespace softbeam::plan
