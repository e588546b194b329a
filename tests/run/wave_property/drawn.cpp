#include "tests/run/wave_property/drawn.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <sstream>
#include <string_view>

#include "host/base/error.h"

namespace softbeam::run {
namespace {

// Words of the messages with which some drawn graphs are rightly refused.
constexpr std::array<std::string_view, 4> expected = {"depends on the place of a sample", "has NaN",
                                                      "mixes the samples",
                                                      "is the same for every input"};

std::string_view kind_of(std::string_view message) {
  for (const std::string_view words : expected) {
    if (message.find(words) != std::string_view::npos) {
      return words;
    }
  }
  return "";
}

}  // namespace

Drawn draw_subject(std::uint64_t seed, std::map<std::string, int>& redrawn) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    Drawn drawn;
    drawn.seed = seed + (attempt << 32);
    support::RandomGraph graph = support::random_graph(drawn.seed);
    drawn.writes_through_views = graph.writes_through_views;
    config::CampaignConfig config;
    config.model.file = "drawn";
    config.data.file = "drawn";
    config.run.threads = 1;
    config.run.batch = static_cast<std::uint64_t>(graph.batch);
    try {
      drawn.subject = campaign::make_subject(config, graph.graph, std::move(graph.data), true);
      return drawn;
    } catch (const RunError& error) {
      const std::string_view kind = kind_of(error.what());
      if (kind.empty() || attempt == 20) {
        throw RunError(
            fmt::format("seed {}: {}\n{}", drawn.seed, error.what(), listing(*graph.graph)));
      }
      ++redrawn[std::string(kind)];
    }
  }
}

std::string listing(const model::Graph& graph) {
  std::string text;
  for (const model::Node& node : graph.nodes) {
    std::vector<std::string> inputs;
    for (const model::Slot& slot : node.slots) {
      inputs.push_back(graph.value(slot.value).name);
    }
    std::vector<std::string> constants;
    for (const c10::IValue& argument : node.arguments) {
      if (!argument.isNone() && !argument.isTensorList() && !argument.isTensor()) {
        std::ostringstream shown;
        shown << argument;
        constants.push_back(shown.str());
      }
    }
    text += fmt::format("  {:3} {} = {}({}; {})\n", node.id.value,
                        node.outputs.empty() ? "" : graph.value(node.outputs.front()).name,
                        node.target, fmt::join(inputs, ", "), fmt::join(constants, ", "));
  }
  return text;
}

}  // namespace softbeam::run
