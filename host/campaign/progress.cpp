#include "host/campaign/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "host/report/statistics.h"

namespace softbeam::campaign {
namespace {

std::string duration(double seconds) {
  const auto s = static_cast<std::uint64_t>(seconds);
  if (s >= 3600) {
    return fmt::format("{}h{:02}m", s / 3600, s / 60 % 60);
  }
  return s >= 60 ? fmt::format("{}m{:02}s", s / 60, s % 60) : fmt::format("{}s", s);
}

}  // namespace

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

Progress::Progress(std::uint64_t done, std::uint64_t planned, bool show)
    : done_(done), planned_(planned), show_(show), colour_(std::getenv("NO_COLOR") == nullptr) {}

void Progress::add(std::span<const record::TrialRow> rows) {
  added_ += rows.size();
  for (const record::TrialRow& row : rows) {
    const auto outcome = row.verdict.outcome;
    sdc_ += outcome == compare::Outcome::sdc_critical || outcome == compare::Outcome::sdc_tolerable
                ? 1
                : 0;
  }
  const auto now = std::chrono::steady_clock::now();
  if (show_ && now - printed_ >= std::chrono::milliseconds(100)) {
    printed_ = now;
    const std::chrono::duration<double> elapsed = now - start_;
    fmt::print(stderr, "\r\x1b[K{}", line(elapsed.count()));
    std::fflush(stderr);
  }
}

void Progress::finish() {
  if (show_) {
    fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
  }
}

std::string Progress::line(double seconds) const {
  constexpr int width = 24;
  const std::uint64_t at = done_ + added_;
  const double share =
      planned_ == 0 ? 1.0 : static_cast<double>(at) / static_cast<double>(planned_);
  const int filled = static_cast<int>(share * width);
  const double rate = seconds > 0 ? static_cast<double>(added_) / seconds : 0.0;
  const double left = rate > 0 ? static_cast<double>(planned_ - at) / rate : 0.0;
  const auto bounds = report::wilson(static_cast<double>(sdc_), static_cast<double>(added_), 0.95);
  const double sdc = added_ == 0 ? 0.0 : static_cast<double>(sdc_) / static_cast<double>(added_);
  return fmt::format(
      "{}{:#>{}}{:.>{}}{} {:3.0f}%  {}/{} trials  {:.0f}/s  {} left  SDC {:.2f}% "
      "[{:.2f}, {:.2f}]",
      colour_ ? "\x1b[32m" : "", "", filled, "", width - filled, colour_ ? "\x1b[0m" : "",
      100 * share, at, planned_, rate, duration(left), 100 * sdc, 100 * bounds.low,
      100 * bounds.high);
}

}  // namespace softbeam::campaign
