#include "host/campaign/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
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

constexpr const char* clear_line = "\r\x1b[K";

// stderr may be closed or full: then nobody sees the bar, and nothing else is wrong.
void print(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool wants_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return no_colour == nullptr || *no_colour == '\0';
}

}  // namespace

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

Progress::Progress(std::uint64_t done, std::uint64_t planned, bool show)
    : done_(done), planned_(planned), show_(show), colour_(wants_colour()) {}

void Progress::add(std::span<const record::TrialRow> rows) {
  std::uint64_t sdc = 0;
  for (const record::TrialRow& row : rows) {
    const auto outcome = row.verdict.outcome;
    sdc += outcome == compare::Outcome::sdc_critical || outcome == compare::Outcome::sdc_tolerable
               ? 1
               : 0;
  }
  add(rows.size(), sdc);
}

void Progress::add(std::uint64_t trials, std::uint64_t sdc) {
  added_ += trials;
  sdc_ += sdc;
  const auto now = std::chrono::steady_clock::now();
  if (show_ && now - printed_ >= std::chrono::milliseconds(100)) {
    printed_ = now;
    const std::chrono::duration<double> elapsed = now - start_;
    print(clear_line + line(elapsed.count(), terminal_columns()));
    printing_ = true;
  }
}

void Progress::finish() {
  if (printing_) {
    print(clear_line);
    printing_ = false;
  }
}

std::string Progress::line(double seconds, std::size_t columns) const {
  constexpr std::size_t width = 24;
  const std::uint64_t at = done_ + added_;
  const double share =
      planned_ == 0 ? 1.0 : static_cast<double>(at) / static_cast<double>(planned_);
  const auto filled = static_cast<std::size_t>(share * width);
  const double rate = seconds > 0 ? static_cast<double>(added_) / seconds : 0.0;
  const double left = rate > 0 ? static_cast<double>(planned_ - at) / rate : 0.0;
  const auto bounds = report::wilson(static_cast<double>(sdc_), static_cast<double>(added_), 0.95);
  const double sdc = added_ == 0 ? 0.0 : static_cast<double>(sdc_) / static_cast<double>(added_);
  std::string text = fmt::format(
      "{:#>{}}{:.>{}} {:3.0f}%  {}/{} trials  {:.0f}/s  {} left  SDC {:.2f}% [{:.2f}, {:.2f}]", "",
      filled, "", width - filled, 100 * share, at, planned_, rate, duration(left), 100 * sdc,
      100 * bounds.low, 100 * bounds.high);
  // A full last column would make some terminals begin a new line.
  text.resize(std::min(text.size(), std::max<std::size_t>(columns, 1) - 1));
  if (colour_) {
    text.insert(std::min(width, text.size()), "\x1b[0m");
    text.insert(0, "\x1b[32m");
  }
  return text;
}

}  // namespace softbeam::campaign
