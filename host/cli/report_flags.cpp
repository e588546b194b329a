#include "host/cli/report_flags.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/base/error.h"

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
    if (!(*state_->confidence > 0.0 && *state_->confidence < 1.0)) {
      throw UsageError(fmt::format("--confidence: {} is not between 0 and 1 (such as 0.95)",
                                   *state_->confidence));
    }
    options.confidence = state_->confidence;
  }
  if (!state_->by.empty()) {
    options.by = report::parse_group_keys(state_->by);
  }
  return options;
}

void print_report(const record::Store& store, const std::vector<std::int64_t>& campaigns,
                  const report::Options& options, bool json) {
  std::vector<report::Report> reports;
  for (const std::int64_t id : campaigns) {
    reports.push_back(report::make_report(store, id, options));
  }
  if (reports.size() == 1) {
    print_out(json ? report::to_json(reports.front()) : report::to_text(reports.front()));
  } else {
    print_out(json ? report::compare_json(reports) : report::compare_text(reports));
  }
}

void print_out(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw RunError(fmt::format("standard output cannot be written ({})", std::strerror(errno)));
  }
}

}  // namespace softbeam::cli
