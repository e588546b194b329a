#include "host/campaign/identity.h"

#include <c10/macros/Macros.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/base/digest.h"
#include "host/base/error.h"
#include "host/base/version.h"
#include "host/config/load.h"
#include "host/plan/plan_file.h"

namespace softbeam::campaign {
namespace {

std::vector<record::FrameSite> frame_sites(const Subject& subject, const Planned& planned) {
  std::vector<record::FrameSite> sites;
  if (planned.frame) {
    for (std::size_t i = 0; i < planned.frame->sites.size(); ++i) {
      sites.push_back(
          {planned.frame->sites[i], planned.frame->draw_share(i), planned.frame->element_share(i)});
    }
    return sites;
  }
  for (const execute::Site& site : subject.profile.sites) {
    sites.push_back({site, 0.0, 0.0});  // a listed plan is not a random draw: nothing to re-weight
  }
  return sites;
}

// Corruptions are stored by the number of their site, so the list must stay what it is.
std::string sites_digest(const Subject& subject) {
  std::string text;
  for (const execute::Site& site : subject.profile.sites) {
    text += fmt::format("{} {} {} {}\n", site.name, execute::name(site.kind),
                        injectors::name(site.dtype), site.elements);
  }
  return digest(text);
}

// What is not kept as a row is drawn anew where it is asked for, from its id.
void refuse_to_count(const config::CampaignConfig& config, const std::string& plan_file) {
  if (config.campaign.record == config::Record::aggregate) {
    throw UsageError(
        fmt::format("campaign.record: 'aggregate' does not go with the plan '{}' (faults and "
                    "samples of a list do not follow from the trials' numbers, so that trials "
                    "which are only counted could not be replayed); use `record: trials`",
                    plan_file));
  }
}

// Where a key does not seem to change any outcome.
std::string why_not(const std::string& key) {
  if (key == "campaign.record") {
    return " (counts cannot become rows, and rows stay rows)";
  }
  return key == "campaign.keep" ? " (rows that were dropped are gone)" : "";
}

std::string key_of(const std::string& difference) {
  return difference.substr(0, difference.find(':'));
}

}  // namespace

std::string fact(const record::CampaignRow& row, const std::string& key) {
  for (const auto& [name, value] : row.fingerprint) {
    if (name == key) {
      return value;
    }
  }
  return "";
}

Planned make_plan(const Subject& subject, const config::CampaignConfig& config,
                  const std::string& plan_file) {
  Planned planned;
  if (!plan_file.empty()) {
    refuse_to_count(config, plan_file);
    planned.plan = plan::read_plan(plan_file, subject.profile.sites, subject.data.samples);
    planned.source = digest_file(plan_file);
    planned.file = plan_file;
    return planned;
  }
  planned.frame = plan::make_frame(config.faults, subject.profile.sites);
  planned.plan = plan::draw_plan(config, *planned.frame, subject.data.samples);
  planned.source = "drawn";
  return planned;
}

record::CampaignRow describe_campaign(const Subject& subject, const config::CampaignConfig& config,
                                      const Planned& planned, const std::string& label) {
  const std::string threads = std::to_string(subject.runners.size());
  const std::string batch = std::to_string(subject.profile.batch);
  record::CampaignRow row;
  row.label = label;
  row.config = config::dump(config);
  row.planned = planned.plan->trials();
  row.confidence = config.campaign.confidence;
  row.clustered = planned.plan->clustered();
  row.samples = subject.data.samples;
  row.frame = planned.frame
                  ? planned.frame->sentence(subject.data.samples)
                  : fmt::format("{} trials listed in {}; {} samples", planned.plan->trials(),
                                planned.file, subject.data.samples);
  row.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  row.fingerprint = {
      {"model", subject.graph->digest},
      {"data", subject.data.digest},
      {"sites", sites_digest(subject)},
      {"plan", planned.source},
      {"golden", subject.deterministic() ? subject.golden->digest() : "differs between runs"},
      {"device", subject.backend->description()},
      {"threads", threads},
      {"batch", batch},
      {"torch", TORCH_VERSION}};
  if (!subject.deterministic()) {
    row.fingerprint.emplace_back(record::deterministic_fact, "no");
  }
  row.versions = nlohmann::ordered_json{
      {"softbeam", version},
      {"torch", TORCH_VERSION},
      {"device", subject.backend->description()},
      {"threads", subject.runners.size()},
      {"batch", subject.profile.batch},
      {"model_format", subject.graph->format},
      {"tf32",
       false}}.dump();
  row.sites = frame_sites(subject, planned);
  if (config.campaign.record == config::Record::aggregate) {
    row.aggregate = record::AggregateRule{.keep = config.campaign.keep,
                                          .samples_per_fault = config.campaign.samples_per_fault};
  }
  return row;
}

std::vector<record::GoldenRow> golden_rows(const Subject& subject) {
  std::vector<record::GoldenRow> rows;
  for (std::uint32_t s = 0; s < subject.data.samples; ++s) {
    record::GoldenRow row{.sample = {s}, .label = {}, .top1 = {}, .confidence = {}};
    if (subject.data.labelled()) {
      row.label = subject.data.labels[s];
    }
    if (subject.classifier()) {
      row.top1 = subject.answers[s].top1;
      row.confidence = subject.answers[s].confidence;
    }
    rows.push_back(row);
  }
  return rows;
}

void refuse_other_campaign(const record::CampaignRow& stored, const record::CampaignRow& now,
                           const std::string& store_path) {
  std::vector<std::string> problems;
  const auto before = config::parse(stored.config);
  const auto after = config::parse(now.config);
  constexpr std::array may_differ{
      "campaign.trials", "campaign.confidence", "run.max_time",
      "run.threads",     "run.batch",           "run.device",
      "run.memory",      "run.verify",          "run.allow_nondeterministic",
      "model.file",      "data.file",           "data.limit"};
  for (const std::string& difference : config::differences(before, after)) {
    // Threads, batch, device, model and data are compared below by what they really are; faults
    // and samples of a listed plan by the plan's digest.
    const std::string key = key_of(difference);
    const bool replaced = fact(stored, "plan") != "drawn" &&
                          (key.starts_with("faults.") || key.starts_with("campaign."));
    if (!replaced && std::find(may_differ.begin(), may_differ.end(), key) == may_differ.end()) {
      problems.push_back(difference + why_not(key));
    }
  }
  for (const auto& [key, value] : now.fingerprint) {
    if (fact(stored, key) != value) {
      problems.push_back(fmt::format("{}: {} -> {}", key, fact(stored, key), value));
    }
  }
  if (now.planned < stored.planned) {
    problems.push_back(
        fmt::format("campaign.trials: {} -> {} (it may only grow)", stored.planned, now.planned));
  }
  if (!problems.empty()) {
    throw UsageError(
        fmt::format("{}: holds another campaign (stored -> now: {}); give this one a "
                    "store of its own with --store",
                    store_path, fmt::join(problems, "; ")));
  }
}

}  // namespace softbeam::campaign
