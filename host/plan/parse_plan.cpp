#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

#include "host/base/error.h"
#include "host/base/suggest.h"
#include "host/plan/plan_rows.h"

namespace softbeam::plan {
namespace {

using nlohmann::json;

const std::vector<std::string> trial_keys{"trial", "fault", "sample", "corruptions"};
const std::vector<std::string> corruption_keys{"site",  "element", "operation", "bits",
                                               "value", "flip",    "keep"};

[[noreturn]] void fail(const std::string& path, const std::string& place,
                       const std::string& problem) {
  throw UsageError(fmt::format("{}: {}: {}", path, place, problem));
}

// One JSON object of the plan, with typed access to its keys.
class Fields {
 public:
  Fields(const std::string& path, std::string place, const json& object,
         const std::vector<std::string>& known)
      : path_(path), place_(std::move(place)), object_(object) {
    if (!object.is_object()) {
      fail(path_, place_, "is not an object; see `softbeam plan` for the form");
    }
    for (const auto& [key, value] : object.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        fail(path_, place_, fmt::format("unknown key '{}'{}", key, did_you_mean(key, known)));
      }
    }
  }

  const json& required(const char* key) const {
    if (!object_.contains(key)) {
      fail(path_, place_, fmt::format("'{}' is missing", key));
    }
    return object_[key];
  }

  std::uint64_t whole(const json& value, const char* key) const {
    if (!value.is_number_unsigned()) {
      fail(path_, place_, fmt::format("{}: '{}' is not a whole number from 0", key, value.dump()));
    }
    return value.get<std::uint64_t>();
  }

  std::optional<std::uint64_t> optional_whole(const char* key) const {
    return object_.contains(key) ? std::optional(whole(object_[key], key)) : std::nullopt;
  }

  std::optional<std::string> optional_text(const char* key) const {
    if (!object_.contains(key)) {
      return std::nullopt;
    }
    if (!object_[key].is_string()) {
      fail(path_, place_, fmt::format("{}: {} is not a text", key, object_[key].dump()));
    }
    return object_[key].get<std::string>();
  }

  bool has(const char* key) const { return object_.contains(key); }
  const json& operator[](const char* key) const { return object_[key]; }

 private:
  const std::string& path_;
  std::string place_;
  const json& object_;
};

CorruptionText read_corruption(const std::string& path, const std::string& place,
                               const json& object) {
  const Fields fields(path, place, object, corruption_keys);
  CorruptionText corruption;
  fields.required("site");
  corruption.site = *fields.optional_text("site");
  corruption.element = fields.whole(fields.required("element"), "element");
  corruption.operation = fields.optional_text("operation");
  corruption.flip = fields.optional_text("flip");
  corruption.keep = fields.optional_text("keep");
  if (fields.has("bits")) {
    if (!fields["bits"].is_array()) {
      fail(path, place,
           fmt::format("bits: {} is not a list of bit indices", fields["bits"].dump()));
    }
    for (const json& bit : fields["bits"]) {
      corruption.bits.push_back(fields.whole(bit, "bits"));
    }
  }
  if (fields.has("value")) {
    if (!fields["value"].is_number()) {
      fail(path, place, fmt::format("value: {} is not a number", fields["value"].dump()));
    }
    corruption.value = fields["value"].get<double>();
  }
  return corruption;
}

// Refuses what the parser would pass over in silence, and nesting that nothing here has.
class Watch {
 public:
  explicit Watch(const std::string& path) : path_(path) {}

  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    constexpr int deepest = 16;
    if (depth > deepest) {
      throw UsageError(
          fmt::format("{}: is nested too deeply; see `softbeam plan` for the form", path_));
    }
    if (event == json::parse_event_t::object_start) {
      trials_ += depth == 1 ? 1 : 0;
      open_.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      open_.pop_back();
    } else if (event == json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      if (std::find(open_.back().begin(), open_.back().end(), key) != open_.back().end()) {
        fail(path_, fmt::format("trial {}", trials_ - 1),
             fmt::format("the key '{}' stands twice", key));
      }
      open_.back().push_back(key);
    }
    return true;
  }

 private:
  const std::string& path_;
  std::int64_t trials_ = 0;
  std::vector<std::vector<std::string>> open_;  // keys so far of the objects around this place
};

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == separator) {
      parts.emplace_back();
    } else if (c != '\r') {
      parts.back() += c;
    }
  }
  return parts;
}

std::uint64_t parse_whole(const std::string& path, const std::string& place,
                          const std::string& column, const std::string& text) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    fail(path, place, fmt::format("{}: '{}' is not a whole number from 0", column, text));
  }
  return value;
}

}  // namespace

std::vector<TrialText> parse_plan_json(const std::string& path, const std::string& text) {
  json document;
  try {
    document = json::parse(text, Watch(path));
  } catch (const json::parse_error& error) {
    throw UsageError(
        fmt::format("{}: is not valid JSON (at byte {}); see `softbeam plan` for the "
                    "form",
                    path, error.byte));
  } catch (const json::out_of_range&) {
    throw UsageError(fmt::format("{}: has a number beyond the range of float64", path));
  }
  if (!document.is_array()) {
    throw UsageError(
        fmt::format("{}: is not a list of trials; see `softbeam plan` for the form", path));
  }
  std::vector<TrialText> trials;
  for (const json& object : document) {
    const std::string place = fmt::format("trial {}", trials.size());
    const Fields fields(path, place, object, trial_keys);
    TrialText trial{.place = place,
                    .trial = fields.optional_whole("trial"),
                    .fault = fields.optional_whole("fault"),
                    .sample = fields.whole(fields.required("sample"), "sample"),
                    .corruptions = {}};
    const json& corruptions = fields.required("corruptions");
    if (!corruptions.is_array()) {
      fail(path, place, "corruptions: is not a list");
    }
    for (const json& corruption : corruptions) {
      trial.corruptions.push_back(read_corruption(path, place, corruption));
    }
    trials.push_back(std::move(trial));
  }
  return trials;
}

std::vector<TrialText> parse_plan_csv(const std::string& path, const std::string& text) {
  const std::vector<std::string> known{"trial",     "fault", "sample", "site", "element",
                                       "operation", "bits",  "value",  "flip", "keep"};
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> columns = split(line, ',');
  for (const std::string& column : columns) {
    if (std::find(known.begin(), known.end(), column) == known.end()) {
      fail(path, "line 1",
           fmt::format("unknown column '{}'{}", column, did_you_mean(column, known)));
    }
    if (std::count(columns.begin(), columns.end(), column) > 1) {
      fail(path, "line 1", fmt::format("the column '{}' stands twice", column));
    }
  }
  for (const char* column : {"sample", "site", "element"}) {
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      fail(path, "line 1", fmt::format("the column '{}' is missing", column));
    }
  }

  std::vector<TrialText> trials;
  for (int number = 2; std::getline(lines, line); ++number) {
    if (line.empty() || line == "\r") {
      continue;
    }
    const std::string place = fmt::format("line {}", number);
    const std::vector<std::string> fields = split(line, ',');
    if (fields.size() != columns.size()) {
      fail(path, place, fmt::format("has {} fields ({} columns)", fields.size(), columns.size()));
    }
    const auto field = [&](const std::string& column) -> std::string {
      const auto found = std::find(columns.begin(), columns.end(), column);
      return found == columns.end() ? ""
                                    : fields[static_cast<std::size_t>(found - columns.begin())];
    };
    const auto optional_whole = [&](const std::string& column) {
      const std::string value = field(column);
      return value.empty() ? std::nullopt : std::optional(parse_whole(path, place, column, value));
    };
    TrialText trial{.place = place,
                    .trial = optional_whole("trial"),
                    .fault = optional_whole("fault"),
                    .sample = parse_whole(path, place, "sample", field("sample")),
                    .corruptions = {}};
    if (!field("site").empty()) {
      CorruptionText corruption{.site = field("site"),
                                .element = parse_whole(path, place, "element", field("element")),
                                .operation = {},
                                .bits = {},
                                .value = {},
                                .flip = {},
                                .keep = {}};
      const auto text_of = [&](const std::string& column) {
        return field(column).empty() ? std::nullopt : std::optional(field(column));
      };
      corruption.operation = text_of("operation");
      corruption.flip = text_of("flip");
      corruption.keep = text_of("keep");
      for (const std::string& bit : split(field("bits"), ' ')) {
        if (!bit.empty()) {
          corruption.bits.push_back(parse_whole(path, place, "bits", bit));
        }
      }
      if (const std::string value = field("value"); !value.empty()) {
        char* end = nullptr;
        corruption.value = std::strtod(value.c_str(), &end);
        if (*end != '\0') {
          fail(path, place, fmt::format("value: '{}' is not a number", value));
        }
      }
      trial.corruptions.push_back(std::move(corruption));
    }
    // Lines of one trial follow each other.
    if (trial.trial && !trials.empty() && trials.back().trial == trial.trial) {
      TrialText& same = trials.back();
      if (same.sample != trial.sample || same.fault != trial.fault) {
        fail(path, place, fmt::format("trial {} has another fault or sample above", *trial.trial));
      }
      same.corruptions.insert(same.corruptions.end(), trial.corruptions.begin(),
                              trial.corruptions.end());
    } else {
      trials.push_back(std::move(trial));
    }
  }
  return trials;
}

}  // namespace softbeam::plan
