// Private: which group and which site a fault belongs to.
// Used while aggregating, and to give the groups their order and their texts.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "host/record/rows.h"
#include "host/record/trial_class.h"
#include "host/report/report.h"

namespace softbeam::report {

// One value of a group key, as a number that sorts as a reader expects: sites and ops in the order
// of the frame, bits and fields from the top table of their type, then the special ones.
using KeyValue = std::int32_t;
inline constexpr KeyValue word_value = 1 << 28;  // an operation on a whole word
inline constexpr KeyValue several_value = std::numeric_limits<KeyValue>::max();
inline constexpr KeyValue none_value = several_value - 1;

using GroupId = std::vector<KeyValue>;  // one value per key

class Grouping {
 public:
  Grouping(const record::CampaignRow& campaign, std::vector<GroupKey> keys);

  // Position in the frame of the site that all corruptions strike; several_value, none_value.
  // Throws RunError for a site that is not in the frame.
  KeyValue site(record::Struck struck) const;
  // A fault of several corruptions is several_value in every key, even where they agree.
  GroupId group(record::Struck struck) const;

  std::string text(GroupKey key, KeyValue value) const;
  const std::vector<GroupKey>& keys() const { return keys_; }
  // Whether a frame site can hold trials of this group, as far as `site` and `op` say.
  bool may_hold(const GroupId& group, std::size_t frame_position) const;

 private:
  KeyValue value(GroupKey key, record::Struck struck) const;
  std::size_t position(std::uint32_t site) const;

  const std::vector<record::FrameSite>& frame_;
  std::vector<GroupKey> keys_;
  std::map<std::uint32_t, std::size_t> positions_;  // site id -> place in the frame
  std::vector<KeyValue> op_of_;                     // place in the frame -> place in ops_
  std::vector<std::string> ops_;
};

}  // namespace softbeam::report
