// make_report: from one pass over the trials to tallies of the whole and of every group.
#include "host/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "host/base/error.h"
#include "host/report/aggregate.h"
#include "host/report/grouping.h"
#include "host/report/pooled.h"

namespace softbeam::report {
namespace {

using record::metric_count;
using record::metric_names;
using record::outcome_count;

// Beyond it the quantiles of double precision are infinite.
constexpr double largest_confidence = 1 - 1e-12;

struct Settings {
  const record::CampaignRow& campaign;
  const Grouping& grouping;
  Interval interval;
  double confidence;
  bool class_answer;
  bool proportional;  // sites were drawn in proportion to their elements
};

record::CampaignRow find_campaign(const record::Store& store, std::int64_t id) {
  for (record::CampaignRow& row : store.campaigns()) {
    if (row.id == id) return std::move(row);
  }
  throw RunError(fmt::format("the store has no campaign {}", id));
}

bool drawn_by_elements(const std::vector<record::FrameSite>& frame) {
  return std::all_of(frame.begin(), frame.end(), [](const record::FrameSite& each) {
    return std::abs(each.draw_share - each.element_share) <= 1e-9;
  });
}

// Frame positions of the sites whose elements the rates of a group (null: the campaign) speak of.
// Bits are not listed per site: of the sites of a data type, all have a bit or none has it.
std::vector<std::size_t> own_sites(const Settings& settings, const CellsBySite& cells,
                                   const GroupId* group) {
  const std::vector<record::FrameSite>& frame = settings.campaign.sites;
  std::set<injectors::DType> dtypes;
  for (const auto& [site, cell] : cells) {
    if (site < none_value) dtypes.insert(frame[static_cast<std::size_t>(site)].site.dtype);
  }
  const auto& keys = settings.grouping.keys();
  const bool by_bits = std::any_of(keys.begin(), keys.end(), [](GroupKey key) {
    return key == GroupKey::bit || key == GroupKey::field;
  });
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    if (frame[i].element_share <= 0) continue;
    if (group != nullptr && !settings.grouping.may_hold(*group, i)) continue;
    if (group != nullptr && by_bits && dtypes.count(frame[i].site.dtype) == 0) continue;
    own.push_back(i);
  }
  return own;
}

void weigh_by_elements(const Settings& settings, const CellsBySite& cells, const GroupId* group,
                       Pool& pool) {
  if (cells.count(several_value) > 0 || cells.count(none_value) > 0) {
    pool.absent =
        "sites were not drawn in proportion to their elements, and some faults strike several "
        "sites or none, so that no share of elements belongs to them";
    return;
  }
  const std::vector<std::size_t> own = own_sites(settings, cells, group);
  if (own.size() < 2 && cells.size() < 2) return;
  std::vector<std::string> unmet;
  for (const std::size_t i : own) {
    const auto cell = cells.find(static_cast<KeyValue>(i));
    if (cell == cells.end()) {
      unmet.push_back(settings.campaign.sites[i].site.name);
    } else {
      pool.strata.push_back({settings.campaign.sites[i].element_share, &cell->second});
    }
  }
  if (!unmet.empty()) {
    pool.absent = fmt::format(
        "sites were not drawn in proportion to their elements, and {} of {} have no trial here "
        "yet ('{}'{})",
        unmet.size(), own.size(), unmet.front(), unmet.size() > 1 ? ", ..." : "");
  }
}

Pool make_pool(const Settings& settings, const CellsBySite& cells, const GroupId* group) {
  Pool pool;
  pool.clustered = settings.campaign.clustered;
  for (const auto& [site, cell] : cells) pool.total += cell;
  if (!settings.proportional) weigh_by_elements(settings, cells, group, pool);
  return pool;
}

Tally make_tally(const Settings& settings, const Pool& pool) {
  Tally tally;
  tally.trials = pool.total.trials();
  tally.activated = pool.total.activated();
  for (std::size_t metric = 0; metric < metric_count; ++metric) {
    const std::string key(metric_names[metric]);
    if (metric < outcome_count) tally.outcomes[key] = pool.total.count(metric, 0);
    if (record::needs_class_answer(metric) && !settings.class_answer) continue;
    tally.rates[key] = pooled_rate(pool, metric, 0, settings.interval, settings.confidence);
    tally.rates_activated[key] =
        pooled_rate(pool, metric, 1, settings.interval, settings.confidence);
  }
  return tally;
}

// The shares of right answers, over the same strata as the rates (a combined ratio, see
// pooled.cpp).
void weigh_answers(const Pool& pool, Accuracy& accuracy) {
  if (!pool.absent.empty()) {
    accuracy.note = pool.absent;
    return;
  }
  std::vector<Stratum> strata = pool.strata;
  if (strata.empty()) strata.push_back({static_cast<double>(pool.total.trials()), &pool.total});
  double labelled = 0.0;
  double golden = 0.0;
  double faulty = 0.0;
  for (const Stratum& stratum : strata) {
    const record::Answers& answers = stratum.cell->answers();
    const double weight = stratum.weight / static_cast<double>(stratum.cell->trials());
    labelled += weight * static_cast<double>(answers.labelled);
    golden += weight * static_cast<double>(answers.golden_right);
    faulty += weight * static_cast<double>(answers.faulty_right);
  }
  if (labelled <= 0) {
    accuracy.note = "the labelled trials struck only sites without elements";
    return;
  }
  accuracy.golden = golden / labelled;
  accuracy.faulty = faulty / labelled;
  if (!pool.strata.empty()) accuracy.note = weights_text(pool);
}

std::optional<Accuracy> make_accuracy(const Pool& pool,
                                      const std::vector<record::GoldenRow>& golden) {
  Accuracy accuracy;
  accuracy.labelled = pool.total.answers().labelled;
  if (accuracy.labelled == 0) return std::nullopt;
  std::uint64_t right = 0;
  for (const record::GoldenRow& row : golden) {
    accuracy.labelled_samples += row.label.has_value();
    right += row.label && row.top1 && *row.top1 == *row.label;
  }
  accuracy.golden_all = static_cast<double>(right) / static_cast<double>(accuracy.labelled_samples);
  weigh_answers(pool, accuracy);
  return accuracy;
}

// A store of another program may not say; then nothing is claimed.
bool is_drawn(const record::Fingerprint& facts) {
  return std::none_of(facts.begin(), facts.end(), [](const auto& fact) {
    return fact.first == "plan" && fact.second != "drawn";
  });
}

bool is_deterministic(const record::Fingerprint& facts) {
  return std::none_of(facts.begin(), facts.end(), [](const auto& fact) {
    return fact.first == record::deterministic_fact && fact.second == "no";
  });
}

}  // namespace

Report make_report(const record::Store& store, std::int64_t campaign, const Options& options) {
  Report report;
  report.campaign = find_campaign(store, campaign);
  const double confidence = options.confidence.value_or(report.campaign.confidence);
  if (!(confidence > 0 && confidence <= largest_confidence)) {
    throw UsageError(fmt::format(
        "confidence {} is not above 0 and at most 1 - 1e-12 (such as 0.95)", confidence));
  }
  const std::vector<record::GoldenRow> golden = store.golden(campaign);
  const Grouping grouping(report.campaign, options.by);
  const Aggregate found = aggregate(store, report.campaign, grouping, golden);
  report.notes = store.notes(campaign);
  report.by = options.by;
  report.samples_met = found.samples_met;
  report.faults = found.faults;
  if (report.campaign.aggregate) report.kept = store.rows(campaign);
  report.class_answer = std::any_of(golden.begin(), golden.end(),
                                    [](const auto& row) { return row.top1.has_value(); });
  const Settings settings{.campaign = report.campaign,
                          .grouping = grouping,
                          .interval = options.interval,
                          .confidence = confidence,
                          .class_answer = report.class_answer,
                          .proportional = drawn_by_elements(report.campaign.sites)};
  const Pool pool = make_pool(settings, found.overall, nullptr);
  report.drawn = is_drawn(report.campaign.fingerprint);
  report.deterministic = is_deterministic(report.campaign.fingerprint);
  report.overall = make_tally(settings, pool);
  if (report.class_answer) report.accuracy = make_accuracy(pool, golden);
  for (const auto& [id, cells] : found.groups) {
    Group group;
    for (std::size_t i = 0; i < id.size(); ++i) {
      group.by.emplace_back(name(options.by[i]), grouping.text(options.by[i], id[i]));
    }
    group.tally = make_tally(settings, make_pool(settings, cells, &id));
    report.groups.push_back(std::move(group));
  }
  return report;
}

}  // namespace softbeam::report
