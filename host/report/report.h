// What a campaign says: counts, rates with intervals, accuracy, groups; as tables and as JSON.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/record/store.h"
#include "host/report/statistics.h"

namespace softbeam::report {

enum class GroupKey : std::uint8_t { site, op, bit, field };
std::string_view name(GroupKey key);  // "site"
// Parses "site,bit"; throws UsageError naming the unknown one and the accepted set.
std::vector<GroupKey> parse_group_keys(const std::string& text);

struct Options {
  Interval interval = Interval::wilson;
  std::optional<double> confidence;  // of the campaign's configuration when absent
  std::vector<GroupKey> by;
};

// One rate: `count` of `trials` with its interval. A rate pooled over sites that were not drawn in
// proportion to their elements is re-weighted to elements (see pooled.cpp), so that it is not
// count / trials; it is absent, with a reason, where a site of the frame has no trial yet.
struct Rate {
  std::uint64_t count = 0;
  std::uint64_t trials = 0;
  std::optional<double> rate;
  Bounds bounds;
  double confidence = 0.95;
  std::string method;       // "wilson", "clopper-pearson", "wilson, cluster-robust", ...
  bool independent = true;  // false: one fault met several samples
  std::string note;         // why the rate is absent or how it was weighted; usually ""
};

struct Tally {
  std::uint64_t trials = 0;
  std::uint64_t activated = 0;
  std::map<std::string, std::uint64_t> outcomes;  // every outcome's name, zeros included
  // Outcomes, "sdc" (critical + tolerable) and, of classifiers, Li et al.'s "sdc_1", "sdc_5",
  // "sdc_10" and "sdc_20" (a trial without these columns, such as a nonfinite one, counts as no).
  // Models without a class answer have neither these nor "sdc_critical".
  std::map<std::string, Rate> rates;
  std::map<std::string, Rate> rates_activated;  // the same over activated trials
};

// Trials whose faults agree in these keys. Every value of a fault of several corruptions is
// "several", and so are bit and field of a mask that touches more than one; bit and field of an
// operation on a whole word (zero, set, random) are "word"; a fault without corruptions has "none".
struct Group {
  std::vector<std::pair<std::string, std::string>> by;  // {"site","conv1"}, {"bit","30"}
  Tally tally;
};

// All but golden_all are shares of the same trials, those whose sample has a label; re-weighted to
// elements as rates are, and absent, with the reason in `note`, where that cannot be done.
struct Accuracy {
  std::optional<double> golden;  // golden's answer to the trial's sample is right
  std::optional<double> faulty;  // the faulty answer is right; nonfinite counts as wrong
  std::string note;              // why they are absent or how they were weighted; usually ""
  std::uint64_t labelled = 0;    // trials with a label
  double golden_all = 0.0;       // share of all labelled samples whose golden answer is right
  std::uint64_t labelled_samples = 0;
};

// Said of a report that is not `drawn`.
inline constexpr const char* not_drawn =
    "the trials were listed in a file, not drawn; intervals treat them as a random sample";

// Said of a report that is not `deterministic`.
inline constexpr const char* not_deterministic =
    "the model is not deterministic: its fault-free runs differ from one another, and a trial is "
    "compared with one of them, so that the rates count the model's own randomness together with "
    "the faults'; a plan of trials without corruptions shows how much of them is the model's own";

struct Report {
  record::CampaignRow campaign;
  std::uint64_t samples_met = 0;      // distinct samples that some trial used
  std::uint64_t faults = 0;           // distinct faults
  std::optional<std::uint64_t> kept;  // rows of trials, where the store keeps counts beside them
  bool class_answer = false;          // the model answers with a class: sdc_critical is defined
  bool drawn = true;                  // false: the trials were listed in a file, no random sample
  bool deterministic = true;          // false: clean runs of the model differ
  record::Notes notes;                // how the trials were run; empty before the first run's end
  std::vector<GroupKey> by;
  Tally overall;
  std::optional<Accuracy> accuracy;  // classifiers with labelled trials only
  std::vector<Group> groups;
};

// Throws RunError if the store has no such campaign, UsageError for a confidence that is not
// above 0 and at most 1 - 1e-12.
Report make_report(const record::Store& store, std::int64_t campaign, const Options& options);

std::string to_json(const Report& report);  // the contract: see docs of `report --json`
std::string to_text(const Report& report);  // tables for people
// One line per campaign of a sweep: label, trials, rates with intervals, accuracy; what else there
// is to say (frame, samples, notes) once if all campaigns agree, else per campaign; then groups.
std::string compare_text(const std::vector<Report>& reports);
std::string compare_json(const std::vector<Report>& reports);

// One line per trial; columns are documented in docs/store.md. Throws RunError if writing fails.
void export_csv(const record::Store& store, std::int64_t campaign, std::ostream& out);

}  // namespace softbeam::report
