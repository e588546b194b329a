// The closed list of outcomes of a trial, ordered: the first that matches wins.
// A failure of the tool is never an outcome. Used by compare, record and report.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace softbeam::compare {

enum class Outcome : std::uint8_t {
  // A protection or ECC model flagged the fault and did not correct it.
  due_detected = 1,
  // The output has NaN or Inf where golden's was finite.
  nonfinite = 2,
  // The task's answer changed: top-1 for a classifier, ties to the lowest index.
  sdc_critical = 3,
  // The output differs, the answer does not; or it differs and the model has no answer to compare.
  sdc_tolerable = 4,
  // A protection changed the value back.
  corrected = 5,
  // The output is bit-identical to golden's; signed zeros count as a difference.
  masked = 6,
};

inline constexpr std::array all_outcomes{Outcome::due_detected, Outcome::nonfinite,
                                         Outcome::sdc_critical, Outcome::sdc_tolerable,
                                         Outcome::corrected,    Outcome::masked};

std::string_view name(Outcome outcome);        // "sdc_critical"
std::string_view definition(Outcome outcome);  // one sentence, as printed in reports
std::optional<Outcome> parse_outcome(std::string_view text);

}  // namespace softbeam::compare
