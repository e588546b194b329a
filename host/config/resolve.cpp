#include "host/config/resolve.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "host/base/error.h"
#include "host/base/suggest.h"
#include "host/config/sections.h"

namespace softbeam::config {
namespace {

using Given = std::map<std::string, const Entry*, std::less<>>;

// The place of an entry without its key, for messages whose subject is the key itself.
std::string_view file_and_line(const Entry& entry) {
  const std::string_view place = entry.place;
  const std::size_t suffix = place.rfind(": " + entry.key);
  return suffix == std::string_view::npos ? place : place.substr(0, suffix);
}

[[noreturn]] void throw_unknown_key(const Entry& entry) {
  std::vector<std::string> names;
  std::vector<std::string> siblings;
  const std::size_t dot = entry.key.find('.');
  const std::string_view leaf = std::string_view(entry.key).substr(dot + 1);
  std::string elsewhere;
  for (const Key& key : keys()) {
    names.push_back(key.name);
    const std::size_t key_dot = key.name.find('.');
    if (key.name.substr(key_dot + 1) == leaf) elsewhere = key.name;
    if (key.name.compare(0, key_dot, entry.key, 0, dot) == 0) {
      siblings.push_back(key.name.substr(key_dot + 1));
    }
  }
  std::string hint = elsewhere.empty() ? did_you_mean(entry.key, names)
                                       : fmt::format(" (did you mean '{}'?)", elsewhere);
  const std::size_t colon = entry.key.find(':');
  if (colon != std::string::npos) {
    hint = fmt::format(" (a colon inside the name); put a space behind it, as in `{}: {}`",
                       leaf.substr(0, leaf.find(':')), entry.key.substr(colon + 1));
  } else if (!siblings.empty()) {
    hint += fmt::format("; keys of '{}': {}", entry.key.substr(0, dot), fmt::join(siblings, ", "));
  } else if (hint.empty()) {
    hint = "; keys are written as SECTION.KEY, such as faults.bits";
  }
  throw UsageError(fmt::format("{}: unknown key '{}'{}", file_and_line(entry), entry.key, hint));
}

void refuse_unbuilt_value(const Entry& entry) {
  if (!entry.node.IsScalar()) return;
  std::string text = entry.node.Scalar();
  if (text == "NaN" || text == "NAN") text = "nan";
  if (text == "Inf" || text == "INF") text = "inf";
  const std::string value = entry.key + "=" + text;
  for (const Unbuilt& unbuilt : unbuilt_keys()) {
    if (!glob_match(unbuilt.name, value)) continue;
    throw UsageError(fmt::format("{}: '{}' is not built yet; {}", entry.place, entry.node.Scalar(),
                                 unbuilt.advice));
  }
}

void refuse_contradictions(const CampaignConfig& config, const Given& given) {
  const auto entry_of = [&](std::string_view key) {
    const auto found = given.find(key);
    return found == given.end() ? nullptr : found->second;
  };
  const std::string_view what = injectors::name(config.faults.what);
  if (const Entry* bits = entry_of("faults.bits"); bits && !uses_bits(config.faults.what)) {
    throw UsageError(
        fmt::format("{}: bits are given although faults.what is '{}' (it changes the "
                    "whole word); remove faults.bits or use bitflip, stuck_at_0 or "
                    "stuck_at_1",
                    bits->place, what));
  }
  const bool sets = config.faults.what == injectors::Operation::set_value;
  const Entry* value = entry_of("faults.value");
  if (value && !sets) {
    throw UsageError(
        fmt::format("{}: a value is given although faults.what is '{}' (it does not "
                    "use one); remove faults.value or use `what: set`",
                    value->place, what));
  }
  if (sets && !value) {
    throw UsageError(
        fmt::format("{}: 'set' has no value to write (faults.value is missing); add "
                    "faults.value, such as `value: 0`",
                    entry_of("faults.what")->place));
  }
  const Entry* spread = entry_of("campaign.samples_per_fault");
  if (spread && config.campaign.samples_per_fault > 1 && !strikes_parameters(config.faults.where)) {
    throw UsageError(fmt::format(
        "{}: {} samples per fault although faults.where is '{}' (such a fault meets one sample); "
        "remove campaign.samples_per_fault or use weights or biases",
        spread->place, config.campaign.samples_per_fault,
        config.faults.where == Where::neurons ? "neurons" : "inputs"));
  }
  const Entry* keep = entry_of("campaign.keep");
  if (keep && config.campaign.record == Record::trials) {
    throw UsageError(
        fmt::format("{}: given although campaign.record is 'trials' (every trial is kept as a "
                    "row); remove campaign.keep or use `record: aggregate`",
                    keep->place));
  }
  const Entry* trials = entry_of("campaign.trials");
  const Entry* per_sample = entry_of("campaign.trials_per_sample");
  if (trials && per_sample) {
    throw UsageError(
        fmt::format("{}: given beside campaign.trials (at {}; each decides how many "
                    "trials there are); remove one of the two",
                    per_sample->place, file_and_line(*trials)));
  }
}

void require(const Given& given, std::string_view name, std::string_view example,
             const std::string& source) {
  if (given.contains(name)) return;
  const std::size_t dot = name.find('.');
  throw UsageError(
      fmt::format("{}{} is missing (a campaign needs it); add `{}: {{{}: {}}}` to the campaign "
                  "file, or --{} {}",
                  source.empty() ? "" : source + ": ", name, name.substr(0, dot),
                  name.substr(dot + 1), example, name, example));
}

}  // namespace

const Key& find_key(const Entry& entry) {
  for (const Key& key : keys()) {
    if (key.name == entry.key) return key;
  }
  for (const Unbuilt& unbuilt : unbuilt_keys()) {
    if (unbuilt.name == entry.key) {
      throw UsageError(fmt::format("{}: '{}' is not built yet; {}", file_and_line(entry), entry.key,
                                   unbuilt.advice));
    }
  }
  throw_unknown_key(entry);
}

CampaignConfig resolve(const std::vector<Entry>& entries, const std::string& source,
                       DataFile data) {
  CampaignConfig config;
  Given given;
  for (const Entry& entry : entries) {
    const Key& key = find_key(entry);
    refuse_unbuilt_value(entry);
    try {
      key.read(config, entry.node);
    } catch (const UsageError& error) {
      throw UsageError(fmt::format("{}: {}", entry.place, error.what()));
    }
    given[entry.key] = &entry;
  }
  refuse_contradictions(config, given);
  require(given, "model.file", "model.pt2", source);
  if (data == DataFile::required) require(given, "data.file", "data.npz", source);
  return config;
}

}  // namespace softbeam::config
