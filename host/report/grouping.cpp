#include "host/report/grouping.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/base/error.h"
#include "injectors/dtype.h"

namespace softbeam::report {
namespace {

constexpr std::array all_keys{GroupKey::site, GroupKey::op, GroupKey::bit, GroupKey::field};

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

std::size_t Grouping::position(std::uint32_t site) const {
  const auto found = positions_.find(site);
  if (found == positions_.end()) {
    throw RunError(
        fmt::format("the store is damaged (a fault strikes site {}, which the "
                    "campaign's frame of {} sites lacks)",
                    site, frame_.size()));
  }
  return found->second;
}

KeyValue Grouping::site(record::Struck struck) const {
  if (struck.site == record::no_site) return none_value;
  if (struck.site == record::several_sites) return several_value;
  return static_cast<KeyValue>(position(struck.site));
}

KeyValue Grouping::value(GroupKey key, record::Struck struck) const {
  const std::size_t place = position(struck.site);
  if (key == GroupKey::site) return static_cast<KeyValue>(place);
  if (key == GroupKey::op) return op_of_[place];
  if (struck.bit == record::whole_word) return word_value;
  if (struck.bit == record::no_bit) return none_value;
  if (struck.bit == record::several_fields) return several_value;
  if (struck.bit >= record::bits_of_field) {
    return key == GroupKey::bit ? several_value : struck.bit - record::bits_of_field;
  }
  if (key == GroupKey::bit) return struck.bit;
  return static_cast<KeyValue>(field_of(frame_[place].site.dtype, struck.bit));
}

GroupId Grouping::group(record::Struck struck) const {
  if (struck.site == record::no_site) return GroupId(keys_.size(), none_value);
  if (struck.bit == record::several_corruptions) return GroupId(keys_.size(), several_value);
  GroupId id;
  id.reserve(keys_.size());
  for (const GroupKey key : keys_) id.push_back(value(key, struck));
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
