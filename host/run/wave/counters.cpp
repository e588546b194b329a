#include "host/run/wave/counters.h"

#include <algorithm>

namespace softbeam::run {

std::string_view name(Work work) {
  constexpr std::array<std::string_view, work_kinds> names{
      "convolution", "gather", "pooling", "region", "dense", "emit", "proof", "other"};
  return names[static_cast<std::size_t>(work)];
}

void Counters::add(const Counters& other) {
  trials += other.trials;
  macs += other.macs;
  golden_macs += other.golden_macs;
  for (std::size_t w = 0; w < work_kinds; ++w) {
    seconds[w] += other.seconds[w];
  }
  peak_row_bytes += other.peak_row_bytes;
  step_seconds.resize(std::max(step_seconds.size(), other.step_seconds.size()));
  step_macs.resize(std::max(step_macs.size(), other.step_macs.size()));
  for (std::size_t s = 0; s < other.step_seconds.size(); ++s) {
    step_seconds[s] += other.step_seconds[s];
    step_macs[s] += other.step_macs[s];
  }
  rows_by_form.resize(std::max(rows_by_form.size(), other.rows_by_form.size()));
  for (std::size_t s = 0; s < other.rows_by_form.size(); ++s) {
    for (std::size_t f = 0; f < rows_by_form[s].size(); ++f) {
      rows_by_form[s][f] += other.rows_by_form[s][f];
    }
  }
}

void Counters::forget(const Counters& earlier) {
  trials -= earlier.trials;
  macs -= earlier.macs;
  golden_macs -= earlier.golden_macs;
  for (std::size_t w = 0; w < work_kinds; ++w) {
    seconds[w] -= earlier.seconds[w];
  }
  for (std::size_t s = 0; s < earlier.step_seconds.size(); ++s) {
    step_seconds[s] -= earlier.step_seconds[s];
    step_macs[s] -= earlier.step_macs[s];
  }
  for (std::size_t s = 0; s < earlier.rows_by_form.size(); ++s) {
    for (std::size_t f = 0; f < rows_by_form[s].size(); ++f) {
      rows_by_form[s][f] -= earlier.rows_by_form[s][f];
    }
  }
}

}  // namespace softbeam::run
