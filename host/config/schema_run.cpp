#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/fields.h"
#include "host/config/sections.h"

namespace softbeam::config {
namespace {

constexpr std::array<Choice<Mode>, 2> modes{{{"wave", Mode::wave}, {"plain", Mode::plain}}};
constexpr std::array<Choice<bool>, 2> switches{{{"true", true}, {"false", false}}};
// Far above any machine or any batch that fits one, so that a slip of the finger is an error here.
constexpr std::uint64_t most_threads = 4096;
constexpr std::uint64_t largest_batch = 1048576;
constexpr std::uint64_t least_memory = 1U << 20U;
constexpr std::uint64_t most_memory = std::uint64_t{1} << 50U;

std::string read_device(const YAML::Node& node) {
  std::string text = read_text(node);
  if (text == "cpu" || text == "cuda") return text;
  constexpr std::string_view prefix = "cuda:";
  if (text.starts_with(prefix)) {
    const std::string index = text.substr(prefix.size());
    const bool digits = index.find_first_not_of("0123456789") == std::string::npos;
    if (digits && !index.empty() && index.size() < 4 && (index == "0" || index.front() != '0')) {
      return text;
    }
  }
  throw UsageError(
      fmt::format("'{}' is not a device; accepted: cpu, cuda, cuda:N such as cuda:1", text));
}

double read_verify(const YAML::Node& node) {
  const double share = read_number(node);
  if (!(share >= 0.0 && share <= 1.0)) {
    const bool percent = share > 1.0 && share <= 100.0;
    throw UsageError(fmt::format("'{}' is not a share (from 0 to 1){}", read_text(node),
                                 percent ? fmt::format("; write {}", share / 100.0) : ""));
  }
  return share;
}

std::uint64_t read_memory(const YAML::Node& node) {
  return read_text(node) == "auto" ? 0 : read_bytes(node, least_memory, most_memory);
}

}  // namespace

std::vector<Key> run_keys() {
  return {
      {.name = "run.device",
       .form = "cpu|cuda|cuda:N",
       .fallback = "cpu",
       .help = "where the model runs; an absent device is an error, never a slower one",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.run.device = read_device(n); },
       .write = [](const CampaignConfig& c) { return write_text(c.run.device); }},
      {.name = "run.mode",
       .form = "wave|plain",
       .fallback = "wave",
       .help = "wave: only what a fault can still change; plain: every trial a full inference",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.run.mode = read_choice<Mode>(n, modes); },
       .write = [](const CampaignConfig& c) { return write_choice<Mode>(c.run.mode, modes); }},
      {.name = "run.threads",
       .form = "COUNT",
       .fallback = "0",
       .help = "CPU threads; 0 takes one per core, on a GPU two that queue work in turn",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.run.threads = read_count(n, 0, most_threads); },
       .write = [](const CampaignConfig& c) { return write_count(c.run.threads); }},
      {.name = "run.batch",
       .form = "COUNT",
       .fallback = "0",
       .help = "samples in one inference; 0 chooses from the kind of fault",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.run.batch = read_count(n, 0, largest_batch); },
       .write = [](const CampaignConfig& c) { return write_count(c.run.batch); }},
      {.name = "run.verify",
       .form = "SHARE",
       .fallback = "0",
       .help = "wave: share of the trials that is replayed as full inferences and must be equal",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.run.verify = read_verify(n); },
       .write = [](const CampaignConfig& c) { return write_number(c.run.verify); }},
      {.name = "run.memory",
       .form = "BYTES",
       .fallback = "auto",
       .help =
           "wave: how much golden values and rows may take; samples go in blocks that fit; auto: "
           "4GiB, on a GPU nine tenths of what is free",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.run.memory = read_memory(n); },
       .write =
           [](const CampaignConfig& c) {
             return c.run.memory == 0 ? write_text("auto") : write_bytes(c.run.memory);
           }},
      {.name = "run.tf32",
       .form = "true|false",
       .fallback = "false",
       .help =
           "GPU: convolutions and matrix products may round float32 to TF32 (10 bits of mantissa)",
       .read = [](CampaignConfig& c,
                  const YAML::Node& n) { c.run.tf32 = read_choice<bool>(n, switches); },
       .write = [](const CampaignConfig& c) { return write_choice<bool>(c.run.tf32, switches); }},
      {.name = "run.allow_nondeterministic",
       .form = "true|false",
       .fallback = "false",
       .help = "run a model whose clean runs differ, in plain mode; its rates mean less",
       .read =
           [](CampaignConfig& c, const YAML::Node& n) {
             c.run.allow_nondeterministic = read_choice<bool>(n, switches);
           },
       .write =
           [](const CampaignConfig& c) {
             return write_choice<bool>(c.run.allow_nondeterministic, switches);
           }},
      {.name = "run.max_time",
       .form = "TIME",
       .fallback = "none",
       .help = "stop after so long, with the store complete so far: 90, 90s, 10m or 2h",
       .read = [](CampaignConfig& c, const YAML::Node& n) { c.run.max_time_s = read_time_s(n); },
       .write =
           [](const CampaignConfig& c) {
             return c.run.max_time_s ? write_number(*c.run.max_time_s) : YAML::Node();
           }},
  };
}

}  // namespace softbeam::config
