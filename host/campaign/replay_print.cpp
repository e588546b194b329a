// A replay as text and as JSON.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/campaign/replay.h"

namespace softbeam::campaign {
namespace {

int digits(const std::string& dtype) {
  const auto type = injectors::parse_dtype(dtype);
  return type ? injectors::bytes(*type) * 2 : 8;
}

nlohmann::ordered_json verdict(const record::TrialRow& row) {
  nlohmann::ordered_json json{{"outcome", compare::name(row.verdict.outcome)},
                              {"activated", row.activated},
                              {"max_abs", row.verdict.max_abs},
                              {"max_rel", row.verdict.max_rel}};
  json["top1"] = row.verdict.top1 ? nlohmann::ordered_json(*row.verdict.top1) : nullptr;
  return json;
}

std::string comparison(const Replay& replay) {
  if (!replay.kept) {
    return replay.equal ? "the record counts this trial and has no row of it to compare with"
                        : "not equal to the record, which would have kept such a trial as a row";
  }
  return replay.equal ? "equal to the record"
                      : fmt::format("not equal to the record, which says {}",
                                    compare::name(replay.recorded.verdict.outcome));
}

}  // namespace

std::string to_text(const Replay& replay) {
  std::string text = fmt::format("trial {}: fault {} on sample {}\n", replay.recorded.trial.value,
                                 replay.recorded.fault.value, replay.recorded.sample.value);
  if (!replay.deterministic) {
    text +=
        "CAUTION: the model is not deterministic: its own randomness is in every difference below, "
        "and the next replay may differ from this one\n";
  }
  for (const ReplayedWord& word : replay.words) {
    text +=
        fmt::format("  {} at {}[{}] ({}): {:#0{}x} -> {:#0{}x}  ({:g} -> {:g})\n", word.operation,
                    word.site, word.element, word.dtype, word.before, digits(word.dtype) + 2,
                    word.after, digits(word.dtype) + 2, word.value_before, word.value_after);
  }
  if (replay.values.empty()) {
    text += "no value of the model differs from golden\n";
  } else {
    std::size_t width = 5;
    for (const ReplayedValue& value : replay.values) {
      width = std::max(width, value.name.size());
    }
    text += fmt::format("{:<{}}  {:>22}  {:>12}\n", "value", width, "words that differ", "largest");
    for (const ReplayedValue& value : replay.values) {
      text +=
          fmt::format("{:<{}}  {:>22}  {:>12.5g}{}\n", value.name, width,
                      fmt::format("{} of {}", value.different, value.elements), value.max_abs,
                      value.nonfinite == 0 ? "" : fmt::format("  {} NaN or Inf", value.nonfinite));
    }
  }
  if (replay.now.depth) {
    text += fmt::format("the last difference died at node {}, {}{}\n", *replay.now.depth,
                        replay.depth_node,
                        replay.recorded.depth && replay.recorded.depth != replay.now.depth
                            ? fmt::format(" (the record says node {})", *replay.recorded.depth)
                            : "");
  }
  return text + fmt::format("outcome: {} ({})\n", compare::name(replay.now.verdict.outcome),
                            comparison(replay));
}

std::string to_json(const Replay& replay) {
  nlohmann::ordered_json json{{"trial", replay.recorded.trial.value},
                              {"fault", replay.recorded.fault.value},
                              {"sample", replay.recorded.sample.value}};
  json["words"] = nlohmann::ordered_json::array();
  for (const ReplayedWord& word : replay.words) {
    // NaN and Inf have no JSON form; nlohmann writes null, the words say it exactly.
    json["words"].push_back(
        {{"site", word.site},
         {"element", word.element},
         {"operation", word.operation},
         {"dtype", word.dtype},
         {"before", fmt::format("{:#0{}x}", word.before, digits(word.dtype) + 2)},
         {"after", fmt::format("{:#0{}x}", word.after, digits(word.dtype) + 2)},
         {"value_before", word.value_before},
         {"value_after", word.value_after}});
  }
  json["values"] = nlohmann::ordered_json::array();
  for (const ReplayedValue& value : replay.values) {
    json["values"].push_back({{"name", value.name},
                              {"op", value.op},
                              {"elements", value.elements},
                              {"different", value.different},
                              {"max_abs", value.max_abs},
                              {"nonfinite", value.nonfinite}});
  }
  json["recorded"] = replay.kept ? verdict(replay.recorded) : nlohmann::ordered_json(nullptr);
  json["replayed"] = verdict(replay.now);
  json["depth"] = nullptr;
  if (replay.now.depth || replay.recorded.depth) {
    const auto number = [](const std::optional<std::uint32_t>& depth) {
      return depth ? nlohmann::ordered_json(*depth) : nlohmann::ordered_json(nullptr);
    };
    json["depth"] = {{"node", number(replay.now.depth)},
                     {"name", replay.depth_node},
                     {"recorded", number(replay.recorded.depth)}};
  }
  json["deterministic"] = replay.deterministic;
  // null: nothing to compare with.
  json["equal"] = replay.kept || !replay.equal ? nlohmann::ordered_json(replay.equal)
                                               : nlohmann::ordered_json(nullptr);
  return json.dump(2) + "\n";
}

}  // namespace softbeam::campaign
