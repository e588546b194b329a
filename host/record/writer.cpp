// Store: the functions that add rows.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/base/error.h"
#include "host/record/schema.h"
#include "host/record/store_impl.h"

namespace softbeam::record {
namespace {

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

// Into a table of (campaign, position, key, value).
void insert_pairs(sqlite3* db, const std::string& table, std::int64_t campaign,
                  const std::vector<std::pair<std::string, std::string>>& pairs) {
  Statement insert(db, "INSERT INTO " + table + " VALUES (?, ?, ?, ?)");
  std::int64_t position = 0;
  for (const auto& [key, value] : pairs) {
    insert.bind(1, campaign);
    insert.bind(2, position++);
    insert.bind(3, key);
    insert.bind(4, value);
    insert.run();
  }
}

void insert_sites(sqlite3* db, std::int64_t campaign, const std::vector<FrameSite>& frame) {
  Statement insert(db, "INSERT INTO sites VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  std::int64_t position = 0;
  for (const FrameSite& entry : frame) {
    const execute::Site& site = entry.site;
    insert.bind(1, campaign);
    insert.bind(2, position++);
    insert.bind(3, std::int64_t{site.id.value});
    insert.bind(4, site.name);
    insert.bind(5, site.op);
    insert.bind(6, site.module);
    insert.bind(7, std::string(name(site.kind)));
    insert.bind(8, std::string(name(site.dtype)));
    insert.bind(9, shape_text(site.shape));
    insert.bind_id(10, site.elements);
    insert.bind_id(11, site.macs);
    insert.bind(12, entry.draw_share);
    insert.bind(13, entry.element_share);
    insert.run();
  }
}

void insert_golden(sqlite3* db, std::int64_t campaign, std::span<const GoldenRow> rows) {
  Statement insert(db, "INSERT INTO golden VALUES (?, ?, ?, ?, ?)");
  for (const GoldenRow& row : rows) {
    insert.bind(1, campaign);
    insert.bind(2, std::int64_t{row.sample.value});
    insert.bind_optional(3, row.label);
    insert.bind_optional(4, row.top1);
    insert.bind_optional(5, row.confidence);
    insert.run();
  }
}

void insert_campaign(sqlite3* db, const CampaignRow& row) {
  Statement insert(db,
                   "INSERT INTO campaigns(label, config, planned, confidence, clustered, samples, "
                   "frame, started, versions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, row.label);
  insert.bind(2, row.config);
  insert.bind_id(3, row.planned);
  insert.bind(4, row.confidence);
  insert.bind(5, std::int64_t{row.clustered});
  insert.bind_id(6, row.samples);
  insert.bind(7, row.frame);
  insert.bind(8, row.started);
  insert.bind(9, row.versions);
  insert.run();
}

void insert_rule(sqlite3* db, std::int64_t campaign, const AggregateRule& rule) {
  Statement insert(db, "INSERT INTO aggregates VALUES (?, ?, ?)");
  insert.bind(1, campaign);
  insert.bind_id(2, rule.keep);
  insert.bind_id(3, rule.samples_per_fault);
  insert.run();
}

}  // namespace

Appender::Appender(sqlite3* db)
    : rows(db),
      trials(db,
             "INSERT INTO trials(id, fault, sample, activated, depth, outcome, top1, sdc_1, sdc_5, "
             "sdc_10, sdc_20, max_abs, max_rel) SELECT * FROM new_trials"),
      corruptions(db,
                  "INSERT INTO corruptions(campaign, fault, position, site, element, operation, "
                  "keep, flip) SELECT * FROM new_corruptions WHERE true ON CONFLICT DO NOTHING") {}

std::int64_t Store::add(const CampaignRow& campaign, std::span<const GoldenRow> golden) {
  if (find(campaign.label)) {
    throw RunError(
        fmt::format("the store '{}' has a campaign '{}' already", impl_->path, campaign.label));
  }
  return impl_->guarded("write", [&] {
    if (campaign.aggregate) mark_as_aggregate(*impl_->db);
    SQLite::Transaction transaction(*impl_->db);
    insert_campaign(impl_->handle(), campaign);
    const std::int64_t id = impl_->db->getLastInsertRowid();
    insert_pairs(impl_->handle(), "campaign_facts", id, campaign.fingerprint);
    insert_sites(impl_->handle(), id, campaign.sites);
    insert_golden(impl_->handle(), id, golden);
    if (campaign.aggregate) insert_rule(impl_->handle(), id, *campaign.aggregate);
    transaction.commit();
    return id;
  });
}

void Store::grow(std::int64_t campaign, std::uint64_t planned) {
  impl_->guarded("write", [&] {
    Statement update(impl_->handle(),
                     "UPDATE campaigns SET planned = max(planned, ?) WHERE id = ?");
    update.bind_id(1, planned);
    update.bind(2, campaign);
    update.run();
  });
}

void Store::set_notes(std::int64_t campaign, const Notes& notes) {
  impl_->guarded("write", [&] {
    SQLite::Transaction transaction(*impl_->db);
    Statement remove(impl_->handle(), "DELETE FROM campaign_notes WHERE campaign = ?");
    remove.bind(1, campaign);
    remove.run();
    insert_pairs(impl_->handle(), "campaign_notes", campaign, notes);
    transaction.commit();
  });
}

void Store::append(std::int64_t campaign, std::span<const TrialRow> trials,
                   std::span<const CorruptionRow> corruptions) {
  append(campaign, std::array{RowSpans{trials, corruptions}});
}

void Store::append(std::int64_t campaign, std::span<const RowSpans> chunks) {
  Appender& to = *impl_->append;
  to.rows.show(campaign, chunks);
  try {
    SQLite::Transaction transaction(*impl_->db);
    to.corruptions.run();
    to.trials.run();
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    const auto first = std::find_if(chunks.begin(), chunks.end(),
                                    [](const RowSpans& chunk) { return !chunk.trials.empty(); });
    if (error.getErrorCode() == SQLITE_CONSTRAINT && first != chunks.end()) {
      throw RunError(fmt::format(
          "a trial of {}..{} is in the store '{}' already ({})", first->trials.front().trial.value,
          chunks.back().trials.empty() ? first->trials.back().trial.value
                                       : chunks.back().trials.back().trial.value,
          impl_->path, error.what()));
    }
    impl_->fail_to_append(campaign, error);
  }
}

void Store::Impl::fail_to_append(std::int64_t campaign, const SQLite::Exception& error) const {
  throw RunError(fmt::format(
      "cannot write the store '{}' ({}); {} trials of the campaign are stored: {}run the same "
      "command again to go on from there",
      path, error.what(), count(campaign),
      error.getErrorCode() == SQLITE_FULL ? "free some disk space and " : ""));
}

}  // namespace softbeam::record
