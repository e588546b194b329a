// Store: the functions that read rows.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "host/base/error.h"
#include "host/compare/outcome.h"
#include "host/record/corruption_cursor.h"
#include "host/record/schema.h"
#include "host/record/store_impl.h"

namespace softbeam::record {
namespace {

constexpr const char* trial_fields =
    "SELECT id, fault, sample, activated, depth, outcome, top1, sdc_1, sdc_5, sdc_10, sdc_20, "
    "max_abs, max_rel FROM trials ";

// SQLite has no NaN and gives it back as NULL.
double real_or_nan(const Statement& from, int column) {
  return from.optional<double>(column).value_or(std::numeric_limits<double>::quiet_NaN());
}

TrialRow read_trial(const Statement& from, std::int64_t first, const std::string& path) {
  TrialRow row;
  row.trial.value = static_cast<std::uint64_t>(from.integer(0) - first);
  row.fault.value = from.word(1);
  row.sample.value = static_cast<std::uint32_t>(from.integer(2));
  row.activated = from.integer(3) != 0;
  row.depth = from.optional<std::uint32_t>(4);
  const auto* const outcome =
      std::find_if(compare::all_outcomes.begin(), compare::all_outcomes.end(),
                   [&](auto each) { return static_cast<std::int64_t>(each) == from.integer(5); });
  if (outcome == compare::all_outcomes.end()) {
    throw RunError(fmt::format("the store '{}' is damaged (trial {} has the unknown outcome {})",
                               path, row.trial.value, from.integer(5)));
  }
  row.verdict.outcome = *outcome;
  row.verdict.top1 = from.optional<std::int32_t>(6);
  row.verdict.sdc_1 = from.optional<bool>(7);
  row.verdict.sdc_5 = from.optional<bool>(8);
  row.verdict.sdc_10 = from.optional<bool>(9);
  row.verdict.sdc_20 = from.optional<bool>(10);
  row.verdict.max_abs = real_or_nan(from, 11);
  row.verdict.max_rel = real_or_nan(from, 12);
  return row;
}

// Hands a trial on with its fault's corruptions. Something changed the word of an activated one.
void join(const TrialRow& row, CorruptionCursor& cursor, const std::string& path,
          const Store::Visit& visit) {
  const std::span<const CorruptionRow> corruptions = cursor.of(row.fault);
  if (row.activated && corruptions.empty()) {
    throw RunError(
        fmt::format("the store '{}' is damaged (trial {} was activated, and its fault {} has no "
                    "corruptions)",
                    path, row.trial.value, row.fault.value));
  }
  visit(row, corruptions);
}

std::vector<std::int64_t> parse_shape(const std::string& text) {
  std::vector<std::int64_t> shape;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    std::int64_t extent = 0;
    const auto [next, error] = std::from_chars(at, end, extent);
    if (error == std::errc{}) shape.push_back(extent);
    at = error == std::errc{} ? next : at + 1;
  }
  return shape;
}

constexpr std::array all_kinds{execute::SiteKind::output, execute::SiteKind::input,
                               execute::SiteKind::weight, execute::SiteKind::bias,
                               execute::SiteKind::model_input};

FrameSite read_site(const Statement& from, const std::string& path) {
  FrameSite entry;
  execute::Site& site = entry.site;
  site.id.value = static_cast<std::uint32_t>(from.integer(0));
  site.name = from.text(1);
  site.op = from.text(2);
  site.module = from.text(3);
  const std::string kind = from.text(4);
  const auto* const found = std::find_if(all_kinds.begin(), all_kinds.end(),
                                         [&](auto each) { return name(each) == kind; });
  const auto dtype = injectors::parse_dtype(from.text(5));
  if (found == all_kinds.end() || !dtype) {
    throw RunError(fmt::format("the store '{}' is damaged (site '{}' has kind '{}' and dtype '{}')",
                               path, site.name, kind, from.text(5)));
  }
  site.kind = *found;
  site.dtype = *dtype;
  site.shape = parse_shape(from.text(6));
  site.elements = from.word(7);
  site.macs = from.word(8);
  entry.draw_share = from.real(9);
  entry.element_share = from.real(10);
  return entry;
}

CampaignRow read_campaign(const Statement& from) {
  CampaignRow row;
  row.id = from.integer(0);
  row.label = from.text(1);
  row.config = from.text(2);
  row.planned = from.word(3);
  row.confidence = from.real(4);
  row.clustered = from.integer(5) != 0;
  row.samples = from.word(6);
  row.frame = from.text(7);
  row.started = from.text(8);
  row.versions = from.text(9);
  return row;
}

void read_frame(sqlite3* db, const std::string& path, CampaignRow& row) {
  Statement facts(db, "SELECT key, value FROM campaign_facts WHERE campaign = ? ORDER BY position");
  facts.bind(1, row.id);
  while (facts.step()) row.fingerprint.emplace_back(facts.text(0), facts.text(1));
  Statement sites(db,
                  "SELECT site, name, op, module, kind, dtype, shape, elements, macs, draw_share, "
                  "element_share FROM sites WHERE campaign = ? ORDER BY position");
  sites.bind(1, row.id);
  while (sites.step()) row.sites.push_back(read_site(sites, path));
}

void bind_range(Statement& to, std::int64_t campaign) {
  to.bind(1, first_id(campaign));
  to.bind(2, end_id(campaign));
}

}  // namespace

std::int64_t first_id(std::int64_t campaign) { return campaign << trial_bits; }
std::int64_t end_id(std::int64_t campaign) { return (campaign + 1) << trial_bits; }

std::vector<CampaignRow> Store::campaigns() const {
  return impl_->guarded("read", [&] {
    std::vector<CampaignRow> rows;
    Statement select(impl_->handle(),
                     "SELECT id, label, config, planned, confidence, clustered, samples, frame, "
                     "started, versions FROM campaigns ORDER BY id");
    while (select.step()) {
      rows.push_back(read_campaign(select));
      read_frame(impl_->handle(), impl_->path, rows.back());
      rows.back().aggregate = impl_->rule(rows.back().id);
    }
    return rows;
  });
}

std::optional<CampaignRow> Store::find(const std::string& label) const {
  for (CampaignRow& row : campaigns()) {
    if (row.label == label) return std::move(row);
  }
  return std::nullopt;
}

std::vector<TrialRange> Store::missing(std::int64_t campaign, std::uint64_t planned) const {
  return impl_->guarded("read", [&] {
    if (impl_->rule(campaign)) {
      return CountedTrials(impl_->handle(), campaign, impl_->path).missing(planned);
    }
    std::vector<TrialRange> gaps;
    Statement select(impl_->handle(), "SELECT id FROM trials WHERE id >= ? AND id < ? ORDER BY id");
    bind_range(select, campaign);
    std::uint64_t next = 0;
    while (next < planned && select.step()) {
      const auto trial = static_cast<std::uint64_t>(select.integer(0) - first_id(campaign));
      if (trial > next) gaps.push_back({next, std::min(trial, planned)});
      next = trial + 1;
    }
    if (next < planned) gaps.push_back({next, planned});
    return gaps;
  });
}

std::uint64_t count_rows(sqlite3* db, std::int64_t campaign) {
  Statement select(db, "SELECT count(*) FROM trials WHERE id >= ? AND id < ?");
  bind_range(select, campaign);
  select.step();
  return select.word(0);
}

std::uint64_t Store::Impl::count(std::int64_t campaign) const {
  if (!rule(campaign)) return count_rows(handle(), campaign);
  Statement select(handle(), "SELECT sum(trials) FROM trial_counts WHERE campaign = ?");
  select.bind(1, campaign);
  select.step();
  return select.word(0);  // none: NULL, which reads as 0
}

std::uint64_t Store::count(std::int64_t campaign) const {
  return impl_->guarded("read", [&] { return impl_->count(campaign); });
}

std::uint64_t Store::rows(std::int64_t campaign) const {
  return impl_->guarded("read", [&] { return count_rows(impl_->handle(), campaign); });
}

std::vector<GoldenRow> Store::golden(std::int64_t campaign) const {
  return impl_->guarded("read", [&] {
    std::vector<GoldenRow> rows;
    Statement select(impl_->handle(),
                     "SELECT sample, label, top1, confidence FROM golden WHERE campaign = ? "
                     "ORDER BY sample");
    select.bind(1, campaign);
    while (select.step()) {
      rows.push_back({.sample = {static_cast<std::uint32_t>(select.integer(0))},
                      .label = select.optional<std::int64_t>(1),
                      .top1 = select.optional<std::int32_t>(2),
                      .confidence = select.optional<double>(3)});
    }
    return rows;
  });
}

Notes Store::notes(std::int64_t campaign) const {
  return impl_->guarded("read", [&] {
    Notes notes;
    if (!impl_->db->tableExists("campaign_notes")) return notes;
    Statement select(impl_->handle(),
                     "SELECT key, value FROM campaign_notes WHERE campaign = ? ORDER BY position");
    select.bind(1, campaign);
    while (select.step()) notes.emplace_back(select.text(0), select.text(1));
    return notes;
  });
}

void Store::for_each(std::int64_t campaign, const Visit& visit, Order order) const {
  impl_->guarded("read", [&] {
    Statement select(impl_->handle(), std::string(trial_fields) +
                                          "WHERE id >= ? AND id < ? ORDER BY " +
                                          (order == Order::fault ? "fault, id" : "id"));
    bind_range(select, campaign);
    CorruptionCursor corruptions(impl_->handle(), campaign, impl_->path);
    while (select.step()) {
      join(read_trial(select, first_id(campaign), impl_->path), corruptions, impl_->path, visit);
    }
  });
}

bool Store::visit_one(std::int64_t campaign, injectors::TrialId trial, const Visit& visit) const {
  if (trial.value >> trial_bits != 0) return false;
  return impl_->guarded("read", [&] {
    Statement select(impl_->handle(), std::string(trial_fields) + "WHERE id = ?");
    select.bind(1, first_id(campaign) + static_cast<std::int64_t>(trial.value));
    if (!select.step()) return false;
    CorruptionCursor corruptions(impl_->handle(), campaign, impl_->path);
    join(read_trial(select, first_id(campaign), impl_->path), corruptions, impl_->path, visit);
    return true;
  });
}

}  // namespace softbeam::record
