// Reports as tables for people.
#include <fmt/format.h>

#include <algorithm>

#include "host/compare/outcome.h"
#include "host/report/execution.h"
#include "host/report/report.h"
#include "host/report/table.h"

namespace softbeam::report {
namespace {

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string rate_text(const Rate& rate) { return rate.rate ? percent(*rate.rate) : "-"; }

std::string bounds_text(const Rate& rate) {
  if (!rate.rate) return "-";
  return fmt::format("{:.2f} .. {:.2f} %", 100 * rate.bounds.low, 100 * rate.bounds.high);
}

// "1.20 % (0.95 .. 1.51)"
std::string short_rate(const std::map<std::string, Rate>& rates, const std::string& key) {
  const auto found = rates.find(key);
  if (found == rates.end() || !found->second.rate) return "-";
  const Rate& rate = found->second;
  return fmt::format("{:.2f} ({:.2f} .. {:.2f})", 100 * *rate.rate, 100 * rate.bounds.low,
                     100 * rate.bounds.high);
}

std::string interval_name(const Tally& tally) {
  const Rate& any = tally.rates.at("masked");
  return fmt::format("{:g} % {}", 100 * any.confidence, any.method);
}

// Keys of the first table, in the order of the outcomes, then what is derived from them.
std::vector<std::string> table_keys() {
  std::vector<std::string> keys{"sdc", "sdc_1", "sdc_5", "sdc_10", "sdc_20"};
  keys.insert(keys.begin(), compare::all_outcomes.size(), "");
  std::transform(compare::all_outcomes.begin(), compare::all_outcomes.end(), keys.begin(),
                 [](compare::Outcome outcome) { return std::string(name(outcome)); });
  return keys;
}

std::string outcome_table(const Tally& tally) {
  Table table({"", "trials", "rate", "interval", "of activated", "interval"}, 1);
  for (const std::string& key : table_keys()) {
    const auto rate = tally.rates.find(key);
    if (rate == tally.rates.end()) continue;
    const Rate& activated = tally.rates_activated.at(key);
    table.add({key, std::to_string(rate->second.count), rate_text(rate->second),
               bounds_text(rate->second), rate_text(activated), bounds_text(activated)});
  }
  return table.text();
}

std::string share_text(const std::optional<double>& share) { return share ? percent(*share) : "-"; }

std::string label_of(const record::CampaignRow& row) {
  return row.label.empty() ? std::to_string(row.id) : row.label;
}

// "" where every trial is a row.
std::string kept_text(const Report& report) {
  if (!report.kept) return "";
  return fmt::format(
      "  Trials are counted; {} of them are rows (SDC or non-finite, lowest ids, at most {})\n",
      *report.kept, report.campaign.aggregate->keep);
}

std::string header_text(const Report& report) {
  const record::CampaignRow& row = report.campaign;
  std::string text = fmt::format("Campaign {}{}\n", row.id,
                                 row.label.empty() ? "" : fmt::format(" ({})", row.label));
  if (!row.frame.empty()) text += fmt::format("  {}\n", row.frame);
  text += fmt::format(
      "  {} of {} trials done, {} activated; {} faults; given these {} samples (of {})\n",
      report.overall.trials, row.planned, report.overall.activated, report.faults,
      report.samples_met, row.samples);
  text += kept_text(report);
  if (!report.deterministic) text += fmt::format("  CAUTION: {}.\n", not_deterministic);
  return text;
}

std::string notes_text(const Report& report) {
  std::string text = fmt::format("  Intervals: {}.\n", interval_name(report.overall));
  const std::string& note = report.overall.rates.at("masked").note;
  if (!note.empty()) text += fmt::format("  Note: {}.\n", note);
  if (!report.drawn) text += fmt::format("  Note: {}.\n", not_drawn);
  if (!report.class_answer) {
    text += "  The model has no class answer: sdc_critical is not defined.\n";
  }
  return text;
}

std::string accuracy_text(const Report& report) {
  if (!report.accuracy) return "";
  const Accuracy& accuracy = *report.accuracy;
  return fmt::format(
      "\nAccuracy over the {} labelled trials: golden {}, faulty {}; golden over all {} labelled "
      "samples {}\n{}",
      accuracy.labelled, share_text(accuracy.golden), share_text(accuracy.faulty),
      accuracy.labelled_samples, percent(accuracy.golden_all),
      accuracy.note.empty() ? "" : fmt::format("  Note: {}.\n", accuracy.note));
}

std::string groups_text(const Report& report) {
  if (report.by.empty()) return "";
  std::vector<std::string> head;
  std::string keys;
  for (const GroupKey key : report.by) {
    head.emplace_back(name(key));
    keys += (keys.empty() ? "" : " and ") + std::string(name(key));
  }
  std::vector<std::string> columns{"sdc", "nonfinite", "masked"};
  if (report.class_answer) columns.insert(columns.begin(), "sdc_critical");
  for (const char* column : {"trials", "activated"}) head.emplace_back(column);
  for (const std::string& column : columns) head.push_back(column + " %");
  Table table(head, report.by.size());
  std::string notes;
  for (const Group& group : report.groups) {
    std::vector<std::string> row;
    for (const auto& [key, value] : group.by) row.push_back(value);
    row.push_back(std::to_string(group.tally.trials));
    row.push_back(std::to_string(group.tally.activated));
    for (const std::string& column : columns) row.push_back(short_rate(group.tally.rates, column));
    table.add(std::move(row));
    const Rate& any = group.tally.rates.at("masked");
    if (!any.rate && notes.empty()) notes = fmt::format("  -: {}, for example.\n", any.note);
  }
  return fmt::format("\nBy {}\n{}{}", keys, table.text(), notes);
}

std::string definitions_text(const Report& report) {
  std::string text = "\nOutcomes, the first that matches:\n";
  for (const compare::Outcome outcome : compare::all_outcomes) {
    if (outcome == compare::Outcome::sdc_critical && !report.class_answer) continue;
    text += fmt::format("  {:<14} {}\n", name(outcome), definition(outcome));
  }
  text += "  sdc            sdc_critical or sdc_tolerable\n";
  if (report.class_answer) {
    text +=
        "  sdc_1, sdc_5   the faulty top-1 is not golden's top-1, not in golden's top five\n"
        "  sdc_10, sdc_20 the confidence of golden's top-1 moved by more than 10 %, 20 % of "
        "itself\n"
        "                 (Li et al., SC'17; trials without probabilities count as no)\n";
  }
  return text + "  A trial is activated if some bit of some word really changed.\n";
}

// "500", or "500 of 1000" while some are missing.
std::string progress_text(const Report& report) {
  const std::uint64_t done = report.overall.trials;
  if (done >= report.campaign.planned) return std::to_string(done);
  return fmt::format("{} of {}", done, report.campaign.planned);
}

std::string samples_text(const Report& report) {
  return fmt::format("Given these {} samples (of {}).", report.samples_met,
                     report.campaign.samples);
}

std::string intervals_text(const Report& report) {
  std::string text = fmt::format("Intervals: {}.", interval_name(report.overall));
  const std::string& note = report.overall.rates.at("masked").note;
  if (!note.empty()) text += fmt::format(" Note: {}.", note);
  if (!report.drawn) text += fmt::format(" Note: {}.", not_drawn);
  return text;
}

std::string accuracy_note(const Report& report) {
  if (!report.accuracy || report.accuracy->note.empty()) return "";
  return fmt::format("Accuracy: {}.", report.accuracy->note);
}

// What is said of each campaign: one line if they agree, else a line for each.
template <class Say>
std::string once_or_each(const std::vector<Report>& reports, const Say& say) {
  std::string first = reports.empty() ? "" : say(reports.front());
  if (std::all_of(reports.begin(), reports.end(),
                  [&](const Report& report) { return say(report) == first; })) {
    return first.empty() ? "" : "  " + first + "\n";
  }
  std::string text;
  for (const Report& report : reports) {
    const std::string said = say(report);
    if (!said.empty()) text += fmt::format("  {}: {}\n", label_of(report.campaign), said);
  }
  return text;
}

}  // namespace

std::string to_text(const Report& report) {
  return header_text(report) + "\n" + outcome_table(report.overall) + notes_text(report) +
         accuracy_text(report) + execution_text(report.notes) + groups_text(report) +
         definitions_text(report);
}

std::string compare_text(const std::vector<Report>& reports) {
  Table table({"campaign", "trials", "sdc_critical %", "sdc %", "nonfinite %", "masked %",
               "golden acc.", "faulty acc."},
              1);
  for (const Report& report : reports) {
    const Tally& tally = report.overall;
    const std::optional<Accuracy>& accuracy = report.accuracy;
    table.add({label_of(report.campaign), progress_text(report),
               short_rate(tally.rates, "sdc_critical"), short_rate(tally.rates, "sdc"),
               short_rate(tally.rates, "nonfinite"), short_rate(tally.rates, "masked"),
               accuracy ? share_text(accuracy->golden) : "-",
               accuracy ? share_text(accuracy->faulty) : "-"});
  }
  std::string text = table.text();
  text += once_or_each(reports, [](const Report& report) { return report.campaign.frame; });
  text += once_or_each(reports, [](const Report& report) {
    return report.deterministic ? "" : fmt::format("CAUTION: {}.", not_deterministic);
  });
  text += once_or_each(reports, samples_text);
  text += once_or_each(reports, intervals_text);
  text += once_or_each(reports, accuracy_note);
  text += once_or_each(reports, [](const Report& report) { return execution_line(report.notes); });
  for (const Report& report : reports) {
    if (report.by.empty()) continue;
    text += fmt::format("\nCampaign {}{}", label_of(report.campaign), groups_text(report));
  }
  return text;
}

}  // namespace softbeam::report
