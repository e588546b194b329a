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

LoopOptions loop_options(const config::CampaignConfig& config, const CampaignOptions& options) {
  LoopOptions loop{
      .samples_per_fault = config.campaign.samples_per_fault, .stop = options.stop, .deadline = {}};
  if (config.run.max_time_s) {
    loop.deadline = std::chrono::steady_clock::now() +
                    std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                        std::chrono::duration<double>(*config.run.max_time_s));
  }
  return loop;
}

}  // namespace

CampaignResult run_campaign(const Subject& subject, const config::CampaignConfig& config,
                            record::Store& store, const CampaignOptions& options) {
  const Planned planned = make_plan(subject, config, options.plan_file);
  const record::CampaignRow row = describe_campaign(subject, config, planned, options.label);
  const auto stored = store.find(options.label);
  if (!stored && options.label.empty() && !store.campaigns().empty()) {
    throw UsageError(
        fmt::format("{}: holds the campaigns of a sweep; give this run a store of its "
                    "own with --store",
                    store.path()));
  }

  CampaignResult result;
  result.id = enter(subject, row, stored, store, store.path());
  result.planned = row.planned;
  Progress progress(store.count(result.id), row.planned, options.show_progress);
  result.ending =
      run_trials(subject, *planned.plan, store, result.id, loop_options(config, options), progress);
  result.added = progress.added();
  result.stored = store.count(result.id);
  return result;
}

bool same_subject(const config::CampaignConfig& a, const config::CampaignConfig& b) {
  const auto parameters = [](const config::CampaignConfig& c) {
    return c.faults.where == config::Where::weights || c.faults.where == config::Where::biases;
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
