// A plan file as text fields, before it is checked against the model. Private to host/plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace softbeam::plan {

struct CorruptionText {
  std::string site;
  std::uint64_t element = 0;
  std::optional<std::string> operation;
  std::vector<std::uint64_t> bits;
  std::optional<double> value;
  std::optional<std::string> flip;
  std::optional<std::string> keep;
};

struct TrialText {
  std::string place;  // "trial 7" or "line 9", for messages
  std::optional<std::uint64_t> trial;
  std::optional<std::uint64_t> fault;
  std::uint64_t sample = 0;
  std::vector<CorruptionText> corruptions;
};

// Throws UsageError naming file, place and token.
std::vector<TrialText> parse_plan_json(const std::string& path, const std::string& text);
std::vector<TrialText> parse_plan_csv(const std::string& path, const std::string& text);

}  // namespace softbeam::plan
