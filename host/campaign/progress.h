// The progress bar: trials done, rate, time left and the running SDC rate with its interval.
// On stderr and only on a terminal; quiet otherwise. NO_COLOR is honoured (no-color.org).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "host/record/rows.h"

namespace softbeam::campaign {

class Progress {
 public:
  // `done` trials are there already; `show` false never prints.
  Progress(std::uint64_t done, std::uint64_t planned, bool show);

  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { finish(); }

  void add(std::span<const record::TrialRow> rows);
  void add(std::uint64_t trials, std::uint64_t sdc);
  // Clears the line; also done by the destructor, so that an error has a line of its own.
  void finish();

  // Trials recorded since the start.
  std::uint64_t added() const { return added_; }
  // The line as it would be printed now on a terminal of so many columns.
  std::string line(double seconds, std::size_t columns) const;

 private:
  std::uint64_t done_;
  std::uint64_t planned_;
  bool show_;
  bool colour_;
  bool printing_ = false;  // the line is on the terminal
  std::uint64_t added_ = 0;
  std::uint64_t sdc_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point printed_;
};

// True if stderr is a terminal.
bool stderr_is_terminal();

}  // namespace softbeam::campaign
