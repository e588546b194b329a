// Store: the functions that add rows.
#include <fmt/format.h>

#include <limits>

#include "host/base/error.h"
#include "host/record/schema.h"
#include "host/record/store_impl.h"

namespace softbeam::record {
namespace {

constexpr int trial_columns = 13;
constexpr int corruption_columns = 8;

std::string placeholders(int columns, std::size_t rows) {
  std::string row = "(?";
  for (int i = 1; i < columns; ++i) row += ",?";
  row += ")";
  std::string all = row;
  for (std::size_t i = 1; i < rows; ++i) all += "," + row;
  return all;
}

std::string insert_trials(std::size_t rows) {
  return "INSERT INTO trials(id, fault, sample, activated, depth, outcome, top1, sdc_1, sdc_5, "
         "sdc_10, sdc_20, max_abs, max_rel) VALUES " +
         placeholders(trial_columns, rows);
}

std::string insert_corruptions(std::size_t rows) {
  return "INSERT INTO corruptions(campaign, fault, position, site, element, operation, keep, flip) "
         "VALUES " +
         placeholders(corruption_columns, rows) + " ON CONFLICT DO NOTHING";
}

void bind_trial(Statement& to, int at, std::int64_t first, const TrialRow& row) {
  if (row.trial.value >> trial_bits != 0) {
    throw RunError(fmt::format("trial {} is too large for the store (below 2^{})", row.trial.value,
                               trial_bits));
  }
  to.bind(at, first + static_cast<std::int64_t>(row.trial.value));
  to.bind_id(at + 1, row.fault.value);
  to.bind(at + 2, std::int64_t{row.sample.value});
  to.bind(at + 3, std::int64_t{row.activated});
  to.bind_optional(at + 4, row.depth);
  to.bind(at + 5, static_cast<std::int64_t>(row.verdict.outcome));
  to.bind_optional(at + 6, row.verdict.top1);
  to.bind_optional(at + 7, row.verdict.sdc_1);
  to.bind_optional(at + 8, row.verdict.sdc_5);
  to.bind_optional(at + 9, row.verdict.sdc_10);
  to.bind_optional(at + 10, row.verdict.sdc_20);
  to.bind(at + 11, row.verdict.max_abs);
  to.bind(at + 12, row.verdict.max_rel);
}

void bind_corruption(Statement& to, int at, std::int64_t campaign, const CorruptionRow& row) {
  to.bind(at, campaign);
  to.bind_id(at + 1, row.fault.value);
  to.bind(at + 2, std::int64_t{row.position});
  to.bind(at + 3, std::int64_t{row.corruption.site.value});
  to.bind_id(at + 4, row.corruption.element);
  to.bind(at + 5, code(row.corruption.operation));
  to.bind_word(at + 6, row.corruption.masks.keep);
  to.bind_word(at + 7, row.corruption.masks.flip);
}

// Inserts all rows, a block at a time while they last, then one by one.
template <class Row, class Bind>
void insert(std::span<const Row> rows, Statement& many, Statement& one, int columns,
            const Bind& bind) {
  std::size_t i = 0;
  for (; i + AppendStatements::block <= rows.size(); i += AppendStatements::block) {
    for (std::size_t j = 0; j < AppendStatements::block; ++j) {
      bind(many, 1 + static_cast<int>(j) * columns, rows[i + j]);
    }
    many.run();
  }
  for (; i < rows.size(); ++i) {
    bind(one, 1, rows[i]);
    one.run();
  }
}

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

}  // namespace

AppendStatements::AppendStatements(sqlite3* db)
    : one_trial(db, insert_trials(1)),
      many_trials(db, insert_trials(block)),
      one_corruption(db, insert_corruptions(1)),
      many_corruptions(db, insert_corruptions(block)) {}

std::int64_t Store::add(const CampaignRow& campaign, std::span<const GoldenRow> golden) {
  if (find(campaign.label)) {
    throw RunError(
        fmt::format("the store '{}' has a campaign '{}' already", impl_->path, campaign.label));
  }
  return impl_->guarded("write", [&] {
    SQLite::Transaction transaction(*impl_->db);
    insert_campaign(impl_->handle(), campaign);
    const std::int64_t id = impl_->db->getLastInsertRowid();
    insert_pairs(impl_->handle(), "campaign_facts", id, campaign.fingerprint);
    insert_sites(impl_->handle(), id, campaign.sites);
    insert_golden(impl_->handle(), id, golden);
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
  AppendStatements& to = *impl_->append;
  try {
    SQLite::Transaction transaction(*impl_->db);
    insert(corruptions, to.many_corruptions, to.one_corruption, corruption_columns,
           [&](Statement& statement, int at, const CorruptionRow& row) {
             bind_corruption(statement, at, campaign, row);
           });
    const std::int64_t first = first_id(campaign);
    insert(trials, to.many_trials, to.one_trial, trial_columns,
           [&](Statement& statement, int at, const TrialRow& row) {
             bind_trial(statement, at, first, row);
           });
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() == SQLITE_CONSTRAINT && !trials.empty()) {
      throw RunError(fmt::format("a trial of {}..{} is in the store '{}' already ({})",
                                 trials.front().trial.value, trials.back().trial.value, impl_->path,
                                 error.what()));
    }
    throw RunError(fmt::format(
        "cannot write the store '{}' ({}); {} trials of the campaign are stored: {}run the same "
        "command again to go on from there",
        impl_->path, error.what(), count(campaign),
        error.getErrorCode() == SQLITE_FULL ? "free some disk space and " : ""));
  }
}

}  // namespace softbeam::record
