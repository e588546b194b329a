// The flags of everything that prints a report: --json, --by, --interval, --confidence.
// Private to host/cli.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>

#include "host/record/store.h"
#include "host/report/report.h"

namespace softbeam::cli {

class ReportFlags {
 public:
  explicit ReportFlags(CLI::App& command);
  bool json() const { return state_->json; }
  // Throws UsageError for a wrong value; called before any work is done.
  report::Options options() const;

 private:
  struct State {
    bool json = false;
    std::string by;
    std::string interval = "wilson";
    std::optional<double> confidence;  // default: the campaign's own
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Prints one campaign, or the comparison of several, to stdout.
void print_report(const record::Store& store, const std::vector<std::int64_t>& campaigns,
                  const report::Options& options, bool json);

// Writes all of it or throws RunError (a closed pipe, a full disk).
void print_out(const std::string& text);

}  // namespace softbeam::cli
