#include "host/record/corruption_cursor.h"

#include <fmt/format.h>

#include <utility>

#include "host/base/error.h"
#include "host/record/schema.h"

namespace softbeam::record {
namespace {

// Rows that are skipped one by one before a search from the root of the tree is cheaper.
constexpr int longest_walk = 64;

}  // namespace

CorruptionCursor::CorruptionCursor(sqlite3* db, std::int64_t campaign, std::string path)
    : select_(db,
              "SELECT fault, position, site, element, operation, keep, flip FROM corruptions "
              "WHERE campaign = ? AND fault >= ? ORDER BY fault, position"),
      campaign_(campaign),
      path_(std::move(path)) {}

std::span<const CorruptionRow> CorruptionCursor::of(injectors::FaultId fault) {
  if (current_ == fault) return rows_;
  if (!current_ || fault < *current_) {
    seek(fault);
  } else {
    for (int walked = 0; ahead_ && *ahead_ < fault; ++walked) {
      if (walked == longest_walk) {
        seek(fault);
        break;
      }
      advance();
    }
  }
  rows_.clear();
  current_ = fault;
  while (ahead_ == fault) {
    rows_.push_back(row());
    advance();
  }
  return rows_;
}

void CorruptionCursor::seek(injectors::FaultId fault) {
  select_.reset();
  select_.bind(1, campaign_);
  select_.bind_id(2, fault.value);
  advance();
}

void CorruptionCursor::advance() {
  ahead_.reset();
  if (select_.step()) ahead_ = injectors::FaultId{select_.word(0)};
}

CorruptionRow CorruptionCursor::row() const {
  const auto operation = operation_of(select_.integer(4));
  if (!operation) {
    throw RunError(fmt::format("the store '{}' is damaged (fault {} has the unknown operation {})",
                               path_, select_.word(0), select_.integer(4)));
  }
  CorruptionRow row;
  row.fault.value = select_.word(0);
  row.position = static_cast<std::uint32_t>(select_.integer(1));
  row.corruption.site.value = static_cast<std::uint32_t>(select_.integer(2));
  row.corruption.element = select_.word(3);
  row.corruption.operation = *operation;
  row.corruption.masks = {.keep = select_.word(5), .flip = select_.word(6)};
  return row;
}

}  // namespace softbeam::record
