#include "host/config/schema.h"

#include <array>
#include <utility>
#include <vector>

#include "host/config/fields.h"
#include "host/config/sections.h"

namespace softbeam::config {
namespace {

constexpr std::array<Choice<OutputKind>, 2> outputs{
    {{"logits", OutputKind::logits}, {"probabilities", OutputKind::probabilities}}};

std::vector<Key> all_keys() {
  std::vector<Key> all;
  for (auto section : {model_and_data_keys(), fault_keys(), campaign_keys(), run_keys()}) {
    for (Key& key : section) all.push_back(std::move(key));
  }
  return all;
}

}  // namespace

std::vector<Key> model_and_data_keys() {
  return {
      {.name = "model.file",
       .form = "FILE",
       .fallback = "",
       .help = "the model: a torch.export archive (.pt2) or TorchScript (.pt)",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.model.file = read_name(n); },
       .write = [](const CampaignConfig& c) { return write_text(c.model.file); }},
      {.name = "model.output",
       .form = "logits|probabilities",
       .fallback = "logits",
       .help = "what the model's output holds; softmax is applied to logits",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.model.output = read_choice<OutputKind>(n, outputs); },
       .write =
           [](const CampaignConfig& c) {
             return write_choice<OutputKind>(c.model.output, outputs);
           }},
      {.name = "data.file",
       .form = "FILE",
       .fallback = "",
       .help = "the samples: .npz with images and optional labels and class_names, or .npy",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.data.file = read_name(n); },
       .write = [](const CampaignConfig& c) { return write_text(c.data.file); }},
      {.name = "data.limit",
       .form = "COUNT",
       .fallback = "all",
       .help = "use only the first so many samples",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.data.limit = read_count(n); },
       .write =
           [](const CampaignConfig& c) {
             return c.data.limit ? write_count(*c.data.limit) : YAML::Node();
           }},
  };
}

std::span<const Key> keys() {
  static const std::vector<Key> table = all_keys();
  return table;
}

}  // namespace softbeam::config
