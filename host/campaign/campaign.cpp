#include "host/campaign/campaign.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"
#include "host/campaign/wave_units.h"
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

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Ending run_plain_mode(const Subject& subject, const config::CampaignConfig& config,
                      const Planned& planned, std::vector<record::TrialRange> missing,
                      Recorder& recorder, const LoopOptions& options, Progress& progress) {
  subject.golden->confirm(subject.runners);
  Units units(std::move(missing), static_cast<std::uint64_t>(subject.profile.batch),
              config.campaign.samples_per_fault);
  const Job job{[&] { return units.next(); },
                [&](std::size_t worker, std::span<const record::TrialRange> ranges) {
                  return run_unit(subject, worker, *planned.plan, ranges);
                }};
  return run_job(job, subject.runners.size(), recorder, options, progress);
}

// In rounds: a slice of the ids goes through all blocks before the next one, so that a campaign
// that is stopped has met all samples about equally. Every other round goes backwards: the block
// at hand comes first.
Ending run_wave_mode(const Subject& subject, Wave& wave, const plan::FaultPlan& plan,
                     std::vector<record::TrialRange> missing, Recorder& recorder,
                     const LoopOptions& options, Progress& progress) {
  const std::size_t blocks = wave.blocks();
  const std::size_t workers = subject.runners.size();
  Slices slices(std::move(missing));
  SliceSize size(subject.data.samples);
  for (std::size_t round = 0; !slices.empty(); ++round) {
    const auto ids = slices.take(blocks == 1 ? UINT64_MAX : size.trials());
    double golden_s = 0;
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t n = 0; n < blocks; ++n) {
      const auto entered = std::chrono::steady_clock::now();
      const std::size_t block = round % 2 == 0 ? n : blocks - 1 - n;
      wave.enter(block);
      golden_s += seconds_since(entered);
      WaveUnits units(ids, plan, wave.samples(block), workers, wave.trials_at_once());
      const Job job{[&] { return units.next(); },
                    [&](std::size_t worker, std::span<const record::TrialRange> ranges) {
                      return wave.run(worker, ranges);
                    }};
      const Ending ending = run_job(job, workers, recorder, options, progress);
      if (ending != Ending::complete) {
        return ending;
      }
    }
    size.took(golden_s, seconds_since(start) - golden_s);
  }
  return Ending::complete;
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
  const auto recorder = make_recorder(store, result.id, row);
  const LoopOptions loop{.stop = options.stop, .deadline = options.deadline};
  auto missing = store.missing(result.id, row.planned);
  record::Notes notes{{"mode", "plain"}};
  std::unique_ptr<Wave> wave;
  const bool wanted = subject.mode() == config::Mode::wave && !missing.empty();
  if (wanted) {
    const auto start = std::chrono::steady_clock::now();
    wave = std::make_unique<Wave>(subject, config, planned, options.wave);
    result.setup_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  if (missing.empty()) {
    notes = store.notes(result.id);
  } else if (wave && wave->refusal().empty()) {
    result.ending =
        run_wave_mode(subject, *wave, *planned.plan, std::move(missing), *recorder, loop, progress);
    notes = wave->notes();
    result.counters = wave->counters();
    result.layers = wave->layers();
  } else {
    if (wanted) {
      notes.emplace_back("no_wave", wave->refusal());
    }
    result.ending =
        run_plain_mode(subject, config, planned, std::move(missing), *recorder, loop, progress);
  }
  store.set_notes(result.id, notes);
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
