#include "host/run/wave/strikes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "host/base/error.h"
#include "injectors/apply.h"
#include "injectors/nan.h"

namespace softbeam::run {
namespace {

std::uint64_t word_at(const std::byte* at, std::uint32_t word_bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, word_bytes);
  return word;
}

// Written and read back through memory, as a device does it.
template <class Word>
injectors::Effect strike_word(std::byte* at, injectors::Masks masks) {
  const injectors::Strike strike{0, masks};
  injectors::Effect effect;
  Word word;
  std::memcpy(&word, at, sizeof word);
  injectors::strike_word<Word>(0, &strike, &word, &effect);
  std::memcpy(at, &word, sizeof word);
  asm volatile("" ::"r"(at) : "memory");
  std::memcpy(&word, at, sizeof word);
  injectors::read_back<Word>(0, &strike, &word, &effect);
  return effect;
}

injectors::Effect strike_at(std::byte* at, std::uint32_t word_bytes, injectors::Masks masks) {
  switch (word_bytes) {
    case 1:
      return strike_word<std::uint8_t>(at, masks);
    case 2:
      return strike_word<std::uint16_t>(at, masks);
    case 4:
      return strike_word<std::uint32_t>(at, masks);
    default:
      return strike_word<std::uint64_t>(at, masks);
  }
}

}  // namespace

std::span<const Strikable> of_trial(std::span<const Strikable> all, std::uint32_t trial) {
  const auto first = std::partition_point(all.begin(), all.end(),
                                          [&](const Strikable& s) { return s.trial < trial; });
  auto last = first;
  while (last != all.end() && last->trial == trial) {
    ++last;
  }
  return {first, last};
}

Strikes::Strikes(const model::Graph& graph, const execute::Profile& profile)
    : profile_(profile),
      by_value_(graph.values.size()),
      by_parameter_(graph.values.size()),
      struck_nodes_(graph.nodes.size(), false) {}

void Strikes::begin(const Chunk& chunk, std::vector<injectors::Effect>& effects) {
  for (auto& list : by_value_) list.clear();
  for (auto& list : by_parameter_) list.clear();
  for (const AtInput& input : by_input_) struck_nodes_[input.node.value] = false;
  by_input_.clear();
  done_.assign(chunk.corruptions.size(), false);
  value_of_.assign(chunk.corruptions.size(), UINT32_MAX);
  struck_ = 0;
  chunk_ = &chunk;
  effects_ = &effects;
  for (std::uint32_t trial = 0; trial < chunk.size(); ++trial) {
    for (std::size_t c = chunk.first[trial]; c < chunk.first[trial + 1]; ++c) {
      const injectors::SiteId site = chunk.corruptions[c].site;
      const execute::SitePlace& place = profile_.places[site.value];
      const Strikable strikable{trial, static_cast<std::uint32_t>(c)};
      switch (profile_.site(site).kind) {
        case execute::SiteKind::weight:
        case execute::SiteKind::bias:
          by_parameter_[place.value.value].push_back(strikable);
          break;
        case execute::SiteKind::input:
          add_at_input(place, strikable);
          break;
        case execute::SiteKind::output:
        case execute::SiteKind::model_input:
          by_value_[place.value.value].push_back(strikable);
          value_of_[c] = place.value.value;
          break;
      }
    }
  }
}

std::span<const Strikable> Strikes::at_value(model::ValueId id, std::uint32_t trial) const {
  const std::vector<Strikable>& all = by_value_[id.value];
  if (all.empty()) {
    return {};
  }
  // Asked for every row that is computed, and nearly always "no": the fault's own words say so
  // faster than a search.
  constexpr std::size_t few = 8;
  const std::size_t first = chunk_->first[trial];
  const std::size_t last = chunk_->first[trial + 1];
  if (last - first <= few &&
      std::find(value_of_.begin() + static_cast<std::ptrdiff_t>(first),
                value_of_.begin() + static_cast<std::ptrdiff_t>(last),
                id.value) == value_of_.begin() + static_cast<std::ptrdiff_t>(last)) {
    return {};
  }
  return of_trial(all, trial);
}

void Strikes::add_at_input(const execute::SitePlace& place, Strikable strikable) {
  struck_nodes_[place.node.value] = true;
  for (AtInput& input : by_input_) {
    if (input.node == place.node && input.slot == place.slot) {
      input.strikes.push_back(strikable);
      return;
    }
  }
  by_input_.push_back({place.node, place.slot, {strikable}});
}

std::span<const Strikable> Strikes::at_input(model::NodeId node, std::size_t slot) const {
  for (const AtInput& input : by_input_) {
    if (input.node == node && input.slot == slot) {
      return input.strikes;
    }
  }
  return {};
}

bool Strikes::strike(const Strikable& s, std::byte* word, std::uint32_t word_bytes) {
  const injectors::Corruption& c = corruption(s);
  const std::uint64_t all =
      word_bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * word_bytes)) - 1;
  // As plain mode has it: strike_computed().
  const injectors::DType dtype = profile_.site(c.site).dtype;
  if (injectors::is_nan(dtype, word_at(word, word_bytes))) {
    const std::uint64_t nan = injectors::canonical_nan(dtype);
    if ((injectors::apply(c.masks, nan) & all) == nan) {
      record(s, {nan, nan});
      return false;
    }
    std::memcpy(word, &nan, word_bytes);
  }
  const injectors::Effect effect = strike_at(word, word_bytes, c.masks);
  const std::uint64_t planned = injectors::apply(c.masks, effect.before) & all;
  if (effect.after != planned) {
    throw RunError(fmt::format(
        "injection check failed at site '{}', element {}: {:#x} became {:#x} where {:#x} was "
        "planned (the injector or the memory is at fault; nothing of this wave was recorded)",
        profile_.site(c.site).name, c.element, effect.before, effect.after, planned));
  }
  record(s, effect);
  return effect.before != effect.after;
}

void Strikes::record(const Strikable& s, const injectors::Effect& effect) {
  (*effects_)[s.corruption] = effect;
  struck_ += done_[s.corruption] ? 0 : 1;
  done_[s.corruption] = true;
}

}  // namespace softbeam::run
