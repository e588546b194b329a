#include "host/campaign/campaign.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"
#include "host/config/load.h"

namespace softbeam::campaign {
namespace {

std::int64_t enter(const Subject& subject, const record::CampaignRow& row,
                   const std::optional<record::CampaignRow>& stored, record::Store& store,
                   const std::string& path) {
  if (stored) {
    refuse_other_campaign(*stored, row, path);
    store.grow(stored->id, row.planned);
    return stored->id;
  }
  return store.add(row, golden_rows(subject));
}

}  // namespace

std::optional<std::chrono::steady_clock::time_point> deadline_of(
    const config::CampaignConfig& config) {
  if (!config.run.max_time_s) {
    return std::nullopt;
  }
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(
             std::chrono::duration<double>(*config.run.max_time_s));
}

CampaignResult run_campaign(const Subject& subject, const config::CampaignConfig& config,
                            record::Store& store, const CampaignOptions& options) {
  const Planned planned = make_plan(subject, config, options.plan_file);
  const record::CampaignRow row = describe_campaign(subject, config, planned, options.label);
  const auto stored = store.find(options.label);
  // A run's campaign has no label, a sweep's have one each: a store is of one kind.
  for (const record::CampaignRow& other : store.campaigns()) {
    if (other.label.empty() != options.label.empty()) {
      throw UsageError(
          fmt::format("{}: holds {}; give this {} a store of its own with --store", store.path(),
                      other.label.empty() ? "the campaign of a run" : "the campaigns of a sweep",
                      options.label.empty() ? "run" : "sweep"));
    }
  }

  CampaignResult result;
  result.id = enter(subject, row, stored, store, store.path());
  result.planned = row.planned;
  Progress progress(store.count(result.id), row.planned, options.show_progress);
  result.ending = run_trials(subject, *planned.plan, store, result.id,
                             {.samples_per_fault = config.campaign.samples_per_fault,
                              .stop = options.stop,
                              .deadline = options.deadline},
                             progress);
  result.added = progress.added();
  result.stored = store.count(result.id);
  return result;
}

bool same_subject(const config::CampaignConfig& a, const config::CampaignConfig& b) {
  const auto parameters = [](const config::CampaignConfig& c) {
    return config::strikes_parameters(c.faults.where);
  };
  for (const std::string& difference : config::differences(a, b)) {
    if (difference.starts_with("model.") || difference.starts_with("data.") ||
        (difference.starts_with("run.") && !difference.starts_with("run.max_time"))) {
      return false;
    }
  }
  // The chunk shape follows from these where it is not given.
  return a.run.batch != 0 ||
         (parameters(a) == parameters(b) &&
          (!parameters(a) || a.campaign.samples_per_fault == b.campaign.samples_per_fault));
}

}  // namespace softbeam::campaign
