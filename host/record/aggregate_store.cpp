// Store: the functions of campaigns that keep counts.
#include <fmt/format.h>

#include "host/base/error.h"
#include "host/record/schema.h"
#include "host/record/store_impl.h"

namespace softbeam::record {
namespace {

TrialClass read_class(std::uint64_t packed, const std::string& path) {
  const auto trials = unpack(packed);
  if (!trials) {
    throw RunError(
        fmt::format("the store '{}' is damaged (the class {} of trials has the unknown "
                    "outcome {})",
                    path, packed, packed & 7U));
  }
  return *trials;
}

void read_counts(sqlite3* db, std::int64_t campaign, const std::string& path, Totals& to) {
  Statement counts(db, "SELECT class, trials FROM trial_counts WHERE campaign = ? ORDER BY class");
  counts.bind(1, campaign);
  while (counts.step()) to.counts.emplace_back(read_class(counts.word(0), path), counts.word(1));
  Statement samples(db, "SELECT count(*) FROM samples_met WHERE campaign = ?");
  samples.bind(1, campaign);
  samples.step();
  to.samples_met = samples.word(0);
}

void read_faults(sqlite3* db, std::int64_t campaign, const std::string& path, Totals& to) {
  std::map<std::uint32_t, Moments::Totals> cells;
  Statement cell(db,
                 "SELECT struck, faults, activated_faults, trials, activated, nn, an, aa, "
                 "labelled, golden_right, faulty_right FROM fault_cells WHERE campaign = ?");
  cell.bind(1, campaign);
  while (cell.step()) {
    cells[static_cast<std::uint32_t>(cell.integer(0))] = {
        .faults = cell.word(1),
        .activated_faults = cell.word(2),
        .trials = cell.word(3),
        .activated = cell.word(4),
        .nn = cell.word(5),
        .an = cell.word(6),
        .aa = cell.word(7),
        .answers = {
            .labelled = cell.word(8), .golden_right = cell.word(9), .faulty_right = cell.word(10)}};
  }
  Statement sum(db,
                "SELECT struck, metric, domain, y, yy, yn, yd FROM fault_sums WHERE campaign = ?");
  sum.bind(1, campaign);
  while (sum.step()) {
    const auto found = cells.find(static_cast<std::uint32_t>(sum.integer(0)));
    if (found == cells.end() || sum.word(1) >= metric_count || sum.word(2) > 1) {
      throw RunError(fmt::format(
          "the store '{}' is damaged (sums of faults that struck {} have metric {}, domain {}, and "
          "{})",
          path, sum.integer(0), sum.integer(1), sum.integer(2),
          found == cells.end() ? "no cell" : "a cell"));
    }
    found->second.of[sum.word(2)][sum.word(1)] = {
        .y = sum.word(3), .yy = sum.word(4), .yn = sum.word(5), .yd = sum.word(6)};
  }
  for (const auto& [struck, totals] : cells) to.faults[unpack_struck(struck)] = Moments(totals);
  Statement open(db,
                 "SELECT fault, class, trials FROM open_faults WHERE campaign = ? ORDER BY fault");
  open.bind(1, campaign);
  while (open.step()) {
    read_class(open.word(1), path);
    to.open.push_back({.fault = {open.word(0)}, .packed = open.word(1), .trials = open.word(2)});
  }
}

}  // namespace

std::optional<AggregateRule> Store::Impl::rule(std::int64_t campaign) const {
  if (!db->tableExists("aggregates")) return std::nullopt;
  Statement select(handle(), "SELECT keep, samples_per_fault FROM aggregates WHERE campaign = ?");
  select.bind(1, campaign);
  if (!select.step()) return std::nullopt;
  return AggregateRule{.keep = select.word(0), .samples_per_fault = select.word(1)};
}

AggregateWriter& Store::Impl::writer(std::int64_t campaign) {
  if (aggregate && aggregate->campaign() == campaign) return *aggregate;
  const auto own = rule(campaign);
  if (!own) {
    throw RunError(
        fmt::format("campaign {} of the store '{}' keeps a row for every trial", campaign, path));
  }
  return aggregate.emplace(handle(), campaign, *own, path);
}

void Store::append(std::int64_t campaign, const Tally& tally, std::span<const RowSpans> kept) {
  impl_->append->rows.show(campaign, kept);
  std::uint64_t rows = 0;
  for (const RowSpans& part : kept) rows += part.trials.size();
  try {
    impl_->guarded("read", [&] { impl_->writer(campaign); });
    AggregateWriter& writer = *impl_->aggregate;
    SQLite::Transaction transaction(*impl_->db);
    writer.add(tally);
    if (rows > 0) {
      impl_->append->corruptions.run();
      impl_->append->trials.run();
      writer.trim(rows);
    }
    transaction.commit();
  } catch (const SQLite::Exception& error) {
    impl_->aggregate.reset();
    impl_->fail_to_append(campaign, error);
  } catch (...) {
    impl_->aggregate.reset();
    throw;
  }
}

std::uint64_t Store::keep_below(std::int64_t campaign) const {
  return impl_->guarded("read", [&] {
    const auto rule = impl_->rule(campaign);
    return rule ? record::keep_below(impl_->handle(), campaign, *rule) : 0;
  });
}

Totals Store::totals(std::int64_t campaign) const {
  return impl_->guarded("read", [&] {
    Totals totals;
    if (!impl_->rule(campaign)) return totals;
    // One moment of a store that another process is writing to.
    const SQLite::Transaction transaction(*impl_->db);
    read_counts(impl_->handle(), campaign, impl_->path, totals);
    read_faults(impl_->handle(), campaign, impl_->path, totals);
    return totals;
  });
}

bool Store::has(std::int64_t campaign, injectors::TrialId trial) const {
  return impl_->guarded("read", [&] {
    if (trial.value >> trial_bits != 0) return false;
    if (impl_->rule(campaign)) {
      return CountedTrials(impl_->handle(), campaign, impl_->path).has(trial.value);
    }
    Statement select(impl_->handle(), "SELECT 1 FROM trials WHERE id = ?");
    select.bind(1, first_id(campaign) + static_cast<std::int64_t>(trial.value));
    return select.step();
  });
}

}  // namespace softbeam::record
