#include <fmt/format.h>

#include <set>
#include <utility>

#include "host/base/error.h"
#include "host/config/document.h"
#include "host/config/fields.h"
#include "host/config/load.h"
#include "host/config/resolve.h"

namespace softbeam::config {
namespace {

// Each point is a campaign; more of them are a slip of the pen, not a plan.
constexpr std::size_t most_points = 10000;

struct Axis {
  std::vector<Setting> settings;
  std::vector<Entry> entries;  // the same values with their place in the file
};

Axis read_axis(const Entry& entry) {
  if (entry.node.IsMap()) {
    throw UsageError(
        fmt::format("{}: a mapping stands here (a list of values belongs here); write "
                    "the whole key, such as `faults.bits: [[0-7], [sign]]`",
                    entry.place));
  }
  const Key& key = find_key(entry);
  if (!entry.node.IsSequence() || entry.node.size() == 0) {
    throw UsageError(
        fmt::format("{}: '{}' is not a list of values (a sweep runs one campaign per "
                    "value); write [{}]",
                    entry.place, yaml_text(entry.node),
                    entry.node.IsScalar() ? yaml_text(entry.node) : "a, b"));
  }
  Axis axis;
  std::set<std::string> seen;
  for (const YAML::Node& node : entry.node) {
    Entry point{entry.key, node, entry.place};
    std::string text;
    if (node.IsScalar()) {
      text = node.Scalar();
      // One word stands for a list of one, as it does in a flag.
      if (key.form == "LIST") point.node = flag_entry({entry.key, text}).node;
    } else if (node.IsSequence() && key.form == "LIST") {
      text = yaml_text(node);
    } else {
      throw UsageError(
          fmt::format("{}: '{}' is not a value of this key; each item of the list is "
                      "one value",
                      entry.place, yaml_text(node)));
    }
    if (!seen.insert(text).second) {
      throw UsageError(
          fmt::format("{}: '{}' is given twice (it would run the same campaign again);"
                      " remove one of the two",
                      entry.place, text));
    }
    axis.settings.push_back({entry.key, text});
    axis.entries.push_back(std::move(point));
  }
  return axis;
}

std::vector<Axis> read_axes(const Document& document, const std::vector<Setting>& over) {
  if (document.sweep_place.empty()) {
    throw UsageError(
        fmt::format("{}: no section 'sweep' (it lists the values to go through); add "
                    "`sweep: {{faults.bits: [[0-7], [sign]]}}`, or use `softbeam run`",
                    document.name.empty() ? "no campaign file" : document.name));
  }
  if (document.sweep.empty()) {
    throw UsageError(
        fmt::format("{}: the section 'sweep' is empty; add a key such as `faults.bits:"
                    " [[0-7], [sign]]`",
                    document.sweep_place));
  }
  std::vector<Axis> axes;
  std::size_t points = 1;
  for (const Entry& entry : document.sweep) {
    for (const Setting& setting : over) {
      if (setting.key == entry.key) {
        throw UsageError(
            fmt::format("{}: swept here and given as --{} (one of them would be "
                        "ignored); remove one of the two",
                        entry.place, setting.key));
      }
    }
    axes.push_back(read_axis(entry));
    points *= axes.back().settings.size();
    if (points > most_points) {
      throw UsageError(fmt::format("{}: the sweep has more than {} campaigns; take fewer values",
                                   document.sweep_place, most_points));
    }
  }
  return axes;
}

}  // namespace

std::vector<std::vector<Setting>> load_sweep(const std::string& file,
                                             const std::vector<Setting>& over) {
  const Document document = read_document(file);
  const std::vector<Axis> axes = read_axes(document, over);
  std::vector<Entry> base = document.entries;
  for (const Setting& setting : over) base.push_back(flag_entry(setting));

  std::vector<std::vector<Setting>> points;
  std::vector<std::size_t> index(axes.size(), 0);
  for (;;) {
    std::vector<Entry> entries = base;
    std::vector<Setting> settings;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      settings.push_back(axes[i].settings[index[i]]);
      entries.push_back(axes[i].entries[index[i]]);
    }
    resolve(entries, document.name);
    points.push_back(std::move(settings));

    // Count like an odometer: the last key varies fastest.
    std::size_t i = axes.size();
    while (i > 0 && ++index[i - 1] == axes[i - 1].settings.size()) index[--i] = 0;
    if (i == 0) return points;
  }
}

}  // namespace softbeam::config
