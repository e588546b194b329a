#include "host/compare/outcome.h"

namespace softbeam::compare {

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::due_detected:
      return "due_detected";
    case Outcome::nonfinite:
      return "nonfinite";
    case Outcome::sdc_critical:
      return "sdc_critical";
    case Outcome::sdc_tolerable:
      return "sdc_tolerable";
    case Outcome::corrected:
      return "corrected";
    case Outcome::masked:
      return "masked";
  }
  return "unknown";
}

std::string_view definition(Outcome outcome) {
  switch (outcome) {
    case Outcome::due_detected:
      return "a protection or an ECC model flagged the fault and did not correct it";
    case Outcome::nonfinite:
      return "the output has NaN or Inf where golden's was finite";
    case Outcome::sdc_critical:
      return "the task's answer changed (top-1 for a classifier, ties to the lowest index)";
    case Outcome::sdc_tolerable:
      return "the output differs, the answer does not, or the model has no answer to compare";
    case Outcome::corrected:
      return "a protection changed the value back";
    case Outcome::masked:
      return "the output is bit-identical to golden's (signed zeros count as a difference)";
  }
  return "";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  for (const Outcome outcome : all_outcomes) {
    if (name(outcome) == text) return outcome;
  }
  return std::nullopt;
}

}  // namespace softbeam::compare
