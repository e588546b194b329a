#include "host/cli/report_flags.h"

#include <fmt/format.h>

#include "host/base/error.h"
#include "host/cli/number_flags.h"

namespace softbeam::cli {

ReportFlags::ReportFlags(CLI::App& command) {
  command.add_flag("--json", state_->json, "print JSON for scripts");
  command.add_option("--by", state_->by, "group by these: site, op, bit, field (such as site,bit)")
      ->type_name("KEYS");
  command
      .add_option("--interval", state_->interval,
                  "wilson, or exact (Clopper-Pearson) (default wilson)")
      ->type_name("NAME");
  command
      .add_option("--confidence", state_->confidence,
                  "of the intervals (default: campaign.confidence)")
      ->type_name("SHARE");
}

report::Options ReportFlags::options() const {
  report::Options options;
  if (state_->interval == "exact") {
    options.interval = report::Interval::exact;
  } else if (state_->interval != "wilson") {
    throw UsageError(fmt::format("--interval: unknown '{}' (wilson, exact)", state_->interval));
  }
  if (state_->confidence) {
    options.confidence = read_confidence_flag("--confidence", *state_->confidence);
  }
  if (!state_->by.empty()) {
    options.by = report::parse_group_keys(state_->by);
  }
  return options;
}

void print_report(const record::Store& store, const std::vector<std::int64_t>& campaigns,
                  const report::Options& options, bool json) {
  if (campaigns.size() != 1) {
    print_comparison(store, campaigns, options, json);
    return;
  }
  const report::Report report = report::make_report(store, campaigns.front(), options);
  print_out(json ? report::to_json(report) : report::to_text(report));
}

void print_comparison(const record::Store& store, const std::vector<std::int64_t>& campaigns,
                      const report::Options& options, bool json) {
  std::vector<report::Report> reports;
  for (const std::int64_t id : campaigns) {
    reports.push_back(report::make_report(store, id, options));
  }
  print_out(json ? report::compare_json(reports) : report::compare_text(reports));
}

}  // namespace softbeam::cli
