// What a wave did and where its time went, for bench and the report. One per worker; added up.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "host/run/wave/settings.h"

namespace softbeam::run {

enum class Work : std::uint8_t {
  convolution,  // of all forms
  gather,       // windows laid over golden
  pooling,
  region,  // elementwise chains and their comparison
  dense,   // all other operators on whole rows
  emit,    // striking, comparing and cutting rows
  proof,   // of forms, when first used
  other,
};
inline constexpr std::size_t work_kinds = 8;
std::string_view name(Work work);

struct Counters {
  std::uint64_t trials = 0;
  std::uint64_t macs = 0;  // multiply-adds executed, padding and sentinels included
  std::uint64_t golden_macs = 0;
  std::array<double, work_kinds> seconds{};
  std::size_t peak_row_bytes = 0;
  std::vector<double> step_seconds;      // by step, everything in it
  std::vector<std::uint64_t> step_macs;  // by step
  // Rows computed by each form, by step.
  std::vector<std::array<std::uint64_t, form_kinds>> rows_by_form;

  void add(const Counters& other);
  // Leaves what came after `earlier`; the peak stays.
  void forget(const Counters& earlier);
};

// Adds the time of a scope to one kind of work.
class Timed {
 public:
  Timed(Counters& counters, Work work) : counters_(counters), work_(work) {}
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;
  ~Timed() {
    counters_.seconds[static_cast<std::size_t>(work_)] +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  Counters& counters_;
  Work work_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace softbeam::run
