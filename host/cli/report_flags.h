// The flags of everything that prints a report: --json, --by, --interval, --confidence.
// Private to host/cli.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/cli/streams.h"
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
    std::optional<std::string> confidence;  // default: the campaign's own
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Prints one campaign, or the comparison of several, to stdout.
void print_report(const record::Store& store, const std::vector<std::int64_t>& campaigns,
                  const report::Options& options, bool json);
// The comparison of a sweep's campaigns, also where there is one so far.
void print_comparison(const record::Store& store, const std::vector<std::int64_t>& campaigns,
                      const report::Options& options, bool json);

}  // namespace softbeam::cli
