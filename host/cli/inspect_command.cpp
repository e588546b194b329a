// softbeam inspect
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/base/error.h"
#include "host/campaign/subject.h"
#include "host/cli/commands.h"
#include "host/cli/number_flags.h"
#include "host/cli/streams.h"

namespace softbeam::cli {
namespace {

struct State {
  std::string model;
  std::string data;
  std::string shape;
  bool json = false;
  bool node_inputs = false;
};

std::string where_of(const execute::Site& site) {
  switch (site.kind) {
    case execute::SiteKind::weight:
      return "weights";
    case execute::SiteKind::bias:
      return "biases";
    case execute::SiteKind::model_input:
      return "inputs";
    case execute::SiteKind::output:
    case execute::SiteKind::input:
      return "neurons";
  }
  return "";
}

// Share of the words among the sites of the same kind.
double share_of(const execute::Site& site, const std::vector<execute::Site>& sites) {
  std::uint64_t total = 0;
  for (const execute::Site& other : sites) {
    total += other.kind == site.kind ? other.elements : 0;
  }
  return static_cast<double>(site.elements) / static_cast<double>(total);
}

// Position of the site's node in execution order, as the store's `depth` counts: the one that makes
// the value or reads the input; of a parameter the first that reads it. Null for the model's input.
nlohmann::ordered_json node_of(const campaign::Subject& subject, const execute::Site& site) {
  const execute::SitePlace& place = subject.profile.places[site.id.value];
  const model::Value& value = subject.graph->value(place.value);
  if (site.kind == execute::SiteKind::input) {
    return place.node.value;
  }
  if (value.producer != model::no_node) {
    return value.producer.value;
  }
  for (const model::Node& node : subject.graph->nodes) {
    const bool reads = std::any_of(node.slots.begin(), node.slots.end(),
                                   [&](const auto& slot) { return slot.value == value.id; });
    if (reads && value.kind == model::ValueKind::parameter) {
      return node.id.value;
    }
  }
  return nullptr;
}

std::uint64_t parameter_count(const campaign::Subject& subject) {
  std::uint64_t words = 0;
  for (const execute::Site& site : subject.profile.sites) {
    words += where_of(site) == "weights" || where_of(site) == "biases" ? site.elements : 0;
  }
  return words;
}

std::string to_json(const campaign::Subject& subject) {
  nlohmann::ordered_json model{{"file", subject.config.model.file},
                               {"format", subject.graph->format},
                               {"digest", subject.graph->digest},
                               {"input_shape", subject.data.shape},
                               {"output_shapes", subject.profile.output_shapes},
                               {"nodes", subject.graph->nodes.size()},
                               {"parameters", parameter_count(subject)},
                               {"macs", subject.profile.macs},
                               {"deterministic", subject.profile.deterministic}};
  model["static_batch"] =
      subject.graph->static_batch ? nlohmann::ordered_json(*subject.graph->static_batch) : nullptr;
  nlohmann::ordered_json sites = nlohmann::ordered_json::array();
  for (const execute::Site& site : subject.profile.sites) {
    sites.push_back({{"name", site.name},
                     {"op", site.op},
                     {"where", where_of(site)},
                     {"kind", execute::name(site.kind)},
                     {"dtype", injectors::name(site.dtype)},
                     {"shape", site.shape},
                     {"elements", site.elements},
                     {"bytes", site.bytes()},
                     {"macs", site.macs},
                     {"share", share_of(site, subject.profile.sites)},
                     {"node", node_of(subject, site)}});
  }
  return nlohmann::ordered_json{
             {"model", model}, {"sites", sites}, {"not_sites", subject.profile.no_sites}}
             .dump(2) +
         "\n";
}

std::string to_text(const campaign::Subject& subject, bool node_inputs) {
  std::size_t width = 4;
  for (const execute::Site& site : subject.profile.sites) {
    width = std::max(width, site.name.size());
  }
  std::string text = fmt::format(
      "{}: {}, {} nodes, {} parameters, {} multiply-adds a sample of shape [{}]\n\n",
      subject.config.model.file, subject.graph->format, subject.graph->nodes.size(),
      parameter_count(subject), subject.profile.macs, fmt::join(subject.data.shape, ", "));
  text +=
      fmt::format("{:<{}}  {:<20} {:<8} {:<9} {:<18} {:>12} {:>12} {:>14} {:>8}\n", "site", width,
                  "op", "where", "dtype", "shape", "words", "bytes", "multiply-adds", "share");
  for (const execute::Site& site : subject.profile.sites) {
    if (site.kind == execute::SiteKind::input && !node_inputs) {
      continue;
    }
    const bool counted = site.kind == execute::SiteKind::output;
    text += fmt::format("{:<{}}  {:<20} {:<8} {:<9} {:<18} {:>12} {:>12} {:>14} {:>7.2f}%\n",
                        site.name, width, site.op, where_of(site), injectors::name(site.dtype),
                        fmt::format("[{}]", fmt::join(site.shape, ", ")), site.elements,
                        site.bytes(), counted && site.macs > 0 ? std::to_string(site.macs) : "",
                        100 * share_of(site, subject.profile.sites));
  }
  if (!node_inputs) {
    text += "\nEvery node's inputs are sites as well (NODE:in0); --node-inputs lists them.\n";
  }
  if (!subject.profile.deterministic) {
    text +=
        "CAUTION: the model is not deterministic (two runs on the same input differ); `run` needs "
        "--allow-nondeterministic.\n";
  }
  for (const std::string& reason : subject.profile.no_sites) {
    text += fmt::format("not a site: {}\n", reason);
  }
  return text;
}

}  // namespace

void add_inspect(Commands& commands) {
  CLI::App* command =
      commands.app.add_subcommand("inspect", "list the sites of a model that faults may strike");
  auto state = std::make_shared<State>();
  command->add_option("MODEL", state->model, "a .pt2 or TorchScript file")->required();
  command->add_option("--data", state->data, "samples to run it with (default: random numbers)")
      ->type_name("FILE");
  command->add_option("--input-shape", state->shape, "of one sample, such as 1,28,28")
      ->type_name("SIZES");
  command->add_flag("--node-inputs", state->node_inputs, "list the inputs of nodes, too");
  command->add_flag("--json", state->json, "print JSON for scripts (all sites)");
  command->footer(
      "Shares are of the words among sites of the same kind.\n"
      "Example: softbeam inspect models/lenet5.pt2");
  commands.actions.emplace_back(command, [=] {
    config::CampaignConfig config;
    config.model.file = state->model;
    config.data.file = state->data;
    config.run.batch = 0;
    config.run.allow_nondeterministic = true;  // looking at a model does no harm
    std::vector<std::int64_t> shape;
    if (!state->shape.empty()) {
      shape = read_shape_flag("--input-shape", state->shape);
    }
    const auto subject = state->data.empty()
                             ? campaign::load_model_alone(config, shape)
                             : campaign::load_subject(config, /*with_golden=*/false);
    print_out(state->json ? to_json(*subject) : to_text(*subject, state->node_inputs));
    return 0;
  });
}

}  // namespace softbeam::cli
