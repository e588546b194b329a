#include "host/record/aggregate_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

#include "host/base/error.h"
#include "host/record/schema.h"
#include "host/record/store_impl.h"

namespace softbeam::record {
namespace {

bool same_fault(const Tally::Part& a, const Tally::Part& b) { return a.fault == b.fault; }

}  // namespace

std::uint64_t keep_below(sqlite3* db, std::int64_t campaign, const AggregateRule& rule) {
  // Below it a trial worth keeping is kept: there is room, or it takes the last row's place.
  if (count_rows(db, campaign) < rule.keep) return std::uint64_t{1} << trial_bits;
  if (rule.keep == 0) return 0;
  Statement select(db, "SELECT max(id) FROM trials WHERE id >= ? AND id < ?");
  select.bind(1, first_id(campaign));
  select.bind(2, end_id(campaign));
  select.step();
  return static_cast<std::uint64_t>(select.integer(0) - first_id(campaign));
}

AggregateWriter::AggregateWriter(sqlite3* db, std::int64_t campaign, AggregateRule rule,
                                 const std::string& path)
    : db_(db),
      campaign_(campaign),
      rule_(rule),
      path_(path),
      counted_(db, campaign, path),
      kept_(count_rows(db, campaign)),
      count_(db,
             "INSERT INTO trial_counts(campaign, class, trials) VALUES (?, ?, ?) "
             "ON CONFLICT(campaign, class) DO UPDATE SET trials = trials + excluded.trials"),
      sample_(db, "INSERT OR IGNORE INTO samples_met VALUES (?, ?)"),
      cell_(db,
            "INSERT INTO fault_cells(campaign, struck, faults, activated_faults, trials, "
            "activated, nn, an, aa, labelled, golden_right, faulty_right) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(campaign, struck) DO UPDATE "
            "SET faults = faults + excluded.faults, "
            "activated_faults = activated_faults + excluded.activated_faults, "
            "trials = trials + excluded.trials, activated = activated + excluded.activated, "
            "nn = nn + excluded.nn, an = an + excluded.an, aa = aa + excluded.aa, "
            "labelled = labelled + excluded.labelled, "
            "golden_right = golden_right + excluded.golden_right, "
            "faulty_right = faulty_right + excluded.faulty_right"),
      sum_(db,
           "INSERT INTO fault_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
           "ON CONFLICT(campaign, struck, metric, domain) DO UPDATE SET y = y + excluded.y, "
           "yy = yy + excluded.yy, yn = yn + excluded.yn, yd = yd + excluded.yd"),
      part_(db,
            "INSERT INTO open_faults(campaign, fault, class, trials) VALUES (?, ?, ?, ?) "
            "ON CONFLICT(campaign, fault, class) DO UPDATE SET trials = trials + excluded.trials"),
      parts_of_(db, "SELECT class, trials FROM open_faults WHERE campaign = ? AND fault = ?"),
      close_(db, "DELETE FROM open_faults WHERE campaign = ? AND fault = ?") {
  require_consistency();
}

// Ids and counts are written together: a store where they differ was changed by something else.
void AggregateWriter::require_consistency() {
  Statement select(db_, "SELECT coalesce(sum(trials), 0) FROM trial_counts WHERE campaign = ?");
  select.bind(1, campaign_);
  select.step();
  if (const std::uint64_t ids = counted_.count(); ids != select.word(0)) {
    throw RunError(
        fmt::format("the store '{}' is damaged (campaign {} has counts of {} trials and ids of {})",
                    path_, campaign_, select.word(0), ids));
  }
}

void AggregateWriter::add(const Tally& tally) {
  for (const TrialRange& range : tally.ids()) counted_.add(range);
  counted_.write();
  add_counts(tally.counts());
  add_samples(tally.samples());
  std::map<std::uint32_t, Moments> closed = tally.faults();
  add_parts(tally.parts(), closed);
  add_faults(closed);
}

void AggregateWriter::add_counts(const ClassCounts& counts) {
  counts.for_each([&](std::uint64_t packed, std::uint64_t trials) {
    count_.bind(1, campaign_);
    count_.bind_word(2, packed);
    count_.bind_word(3, trials);
    count_.run();
  });
}

void AggregateWriter::add_samples(const std::vector<std::uint64_t>& samples) {
  samples_.resize(std::max(samples_.size(), samples.size()));
  for (std::size_t w = 0; w < samples.size(); ++w) {
    for (std::uint64_t fresh = samples[w] & ~samples_[w]; fresh != 0; fresh &= fresh - 1) {
      sample_.bind(1, campaign_);
      sample_.bind_word(2, 64 * w + static_cast<std::uint64_t>(std::countr_zero(fresh)));
      sample_.run();
    }
    samples_[w] |= samples[w];
  }
}

void AggregateWriter::add_faults(const std::map<std::uint32_t, Moments>& faults) {
  for (const auto& [struck, moments] : faults) {
    const Moments::Totals& all = moments.totals();
    int at = 0;
    for (const std::uint64_t number :
         {static_cast<std::uint64_t>(campaign_), std::uint64_t{struck}, all.faults,
          all.activated_faults, all.trials, all.activated, all.nn, all.an, all.aa,
          all.answers.labelled, all.answers.golden_right, all.answers.faulty_right}) {
      cell_.bind_word(++at, number);
    }
    cell_.run();
    for (std::size_t domain = 0; domain < 2; ++domain) {
      for (std::size_t metric = 0; metric < metric_count; ++metric) {
        const Moments::Products& sum = all.of[domain][metric];
        if (sum.y == 0) continue;
        at = 0;
        for (const std::uint64_t number :
             {static_cast<std::uint64_t>(campaign_), std::uint64_t{struck}, metric, domain, sum.y,
              sum.yy, sum.yn, sum.yd}) {
          sum_.bind_word(++at, number);
        }
        sum_.run();
      }
    }
  }
}

std::vector<Tally::Part> AggregateWriter::stored_parts(injectors::FaultId fault) {
  std::vector<Tally::Part> parts;
  parts_of_.bind(1, campaign_);
  parts_of_.bind_id(2, fault.value);
  while (parts_of_.step()) {
    parts.push_back({.fault = fault, .packed = parts_of_.word(0), .trials = parts_of_.word(1)});
  }
  parts_of_.reset();
  return parts;
}

void AggregateWriter::add_parts(std::vector<Tally::Part> parts,
                                std::map<std::uint32_t, Moments>& closed) {
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Tally::Part& a, const Tally::Part& b) { return a.fault < b.fault; });
  for (auto first = parts.begin(); first != parts.end();) {
    const auto last = std::find_if_not(
        first, parts.end(), [&](const Tally::Part& part) { return same_fault(part, *first); });
    std::vector<Tally::Part> own = stored_parts(first->fault);
    const bool is_stored = !own.empty();
    own.insert(own.end(), first, last);
    const Cluster cluster = cluster_of(own);
    if (cluster.trials == rule_.samples_per_fault) {
      closed[packed_struck(first->packed)].add(cluster);
      if (is_stored) {
        close_.bind(1, campaign_);
        close_.bind_id(2, first->fault.value);
        close_.run();
      }
      first = last;
      continue;
    }
    for (; first != last; ++first) {
      part_.bind(1, campaign_);
      part_.bind_id(2, first->fault.value);
      part_.bind_word(3, first->packed);
      part_.bind_word(4, first->trials);
      part_.run();
    }
  }
}

void AggregateWriter::trim(std::uint64_t added) {
  kept_ += added;
  if (kept_ <= rule_.keep) return;
  Statement remove(db_,
                   "DELETE FROM trials WHERE id IN (SELECT id FROM trials WHERE id >= ? AND "
                   "id < ? ORDER BY id DESC LIMIT ?)");
  remove.bind(1, first_id(campaign_));
  remove.bind(2, end_id(campaign_));
  remove.bind_id(3, kept_ - rule_.keep);
  remove.run();
  // Faults ascend with trials: those behind the last row's have none.
  Statement forget(db_,
                   "DELETE FROM corruptions WHERE campaign = ?1 AND fault > coalesce((SELECT "
                   "fault FROM trials WHERE id >= ?2 AND id < ?3 ORDER BY id DESC LIMIT 1), -1)");
  forget.bind(1, campaign_);
  forget.bind(2, first_id(campaign_));
  forget.bind(3, end_id(campaign_));
  forget.run();
  kept_ = rule_.keep;
}

}  // namespace softbeam::record
