#include "host/report/grouping.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "host/base/error.h"
#include "injectors/fault_model.h"

namespace softbeam::report {
namespace {

constexpr std::array all_keys{GroupKey::site, GroupKey::op, GroupKey::bit, GroupKey::field};

bool strikes_a_bit(injectors::Operation operation) {
  return operation == injectors::Operation::bit_flip ||
         operation == injectors::Operation::stuck_at_0 ||
         operation == injectors::Operation::stuck_at_1;
}

}  // namespace

std::string_view name(GroupKey key) {
  switch (key) {
    case GroupKey::site:
      return "site";
    case GroupKey::op:
      return "op";
    case GroupKey::bit:
      return "bit";
    case GroupKey::field:
      return "field";
  }
  return "unknown";
}

std::vector<GroupKey> parse_group_keys(const std::string& text) {
  std::vector<GroupKey> keys;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    const auto* const key = std::find_if(all_keys.begin(), all_keys.end(),
                                         [&](GroupKey each) { return name(each) == word; });
    if (key == all_keys.end()) {
      throw UsageError(
          fmt::format("unknown group key '{}' (accepted: site, op, bit, field)", word));
    }
    if (std::find(keys.begin(), keys.end(), *key) != keys.end()) {
      throw UsageError(fmt::format("group key '{}' is given twice", word));
    }
    keys.push_back(*key);
    begin = end + 1;
  }
  return keys;
}

Grouping::Grouping(const record::CampaignRow& campaign, std::vector<GroupKey> keys)
    : frame_(campaign.sites), keys_(std::move(keys)) {
  for (std::size_t i = 0; i < frame_.size(); ++i) {
    positions_[frame_[i].site.id.value] = i;
    const auto op = std::find(ops_.begin(), ops_.end(), frame_[i].site.op);
    op_of_.push_back(static_cast<KeyValue>(op - ops_.begin()));
    if (op == ops_.end()) ops_.push_back(frame_[i].site.op);
  }
}

std::size_t Grouping::position(injectors::SiteId site) const {
  const auto found = positions_.find(site.value);
  if (found == positions_.end()) {
    throw RunError(
        fmt::format("the store is damaged (a fault strikes site {}, which the "
                    "campaign's frame of {} sites lacks)",
                    site.value, frame_.size()));
  }
  return found->second;
}

KeyValue Grouping::site(std::span<const record::CorruptionRow> corruptions) const {
  if (corruptions.empty()) return none_value;
  const std::size_t first = position(corruptions.front().corruption.site);
  bool same = true;
  for (const record::CorruptionRow& row : corruptions.subspan(1)) {
    same = position(row.corruption.site) == first && same;
  }
  return same ? static_cast<KeyValue>(first) : several_value;
}

KeyValue Grouping::value(GroupKey key, const record::CorruptionRow& row) const {
  const std::size_t place = position(row.corruption.site);
  if (key == GroupKey::site) return static_cast<KeyValue>(place);
  if (key == GroupKey::op) return op_of_[place];
  if (!strikes_a_bit(row.corruption.operation)) return word_value;
  const injectors::DType dtype = frame_[place].site.dtype;
  std::uint64_t touched = touched_bits(row.corruption.masks, dtype);
  if (touched == 0) return none_value;
  if (key == GroupKey::bit) {
    return std::has_single_bit(touched) ? std::countr_zero(touched) : several_value;
  }
  const auto field = field_of(dtype, std::countr_zero(touched));
  for (; touched != 0; touched &= touched - 1) {
    if (field_of(dtype, std::countr_zero(touched)) != field) return several_value;
  }
  return static_cast<KeyValue>(field);
}

GroupId Grouping::group(std::span<const record::CorruptionRow> corruptions) const {
  if (corruptions.empty()) return GroupId(keys_.size(), none_value);
  if (corruptions.size() > 1) return GroupId(keys_.size(), several_value);
  GroupId id;
  id.reserve(keys_.size());
  for (const GroupKey key : keys_) id.push_back(value(key, corruptions.front()));
  return id;
}

std::string Grouping::text(GroupKey key, KeyValue value) const {
  if (value == several_value) return "several";
  if (value == none_value) return "none";
  if (value == word_value) return "word";
  switch (key) {
    case GroupKey::site:
      return frame_[value].site.name;
    case GroupKey::op:
      return ops_[value];
    case GroupKey::bit:
      return std::to_string(value);
    case GroupKey::field:
      return std::string(name(static_cast<injectors::Field>(value)));
  }
  return "";
}

bool Grouping::may_hold(const GroupId& group, std::size_t frame_position) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (group[i] == several_value) continue;  // its faults may all strike this one site
    if (keys_[i] == GroupKey::site && group[i] != static_cast<KeyValue>(frame_position)) {
      return false;
    }
    if (keys_[i] == GroupKey::op && group[i] != op_of_[frame_position]) return false;
  }
  return true;
}

}  // namespace softbeam::report
