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

// Units of as many trials as a worker computes in a few seconds: small ones at first and at the
// end.
class WaveUnits {
 public:
  WaveUnits(std::vector<record::TrialRange> missing, std::uint64_t workers, std::uint64_t most)
      : missing_(std::move(missing)), workers_(workers), most_(most) {
    for (const record::TrialRange& range : missing_) left_ += range.last - range.first;
  }

  std::vector<record::TrialRange> next() {
    constexpr std::uint64_t least = 256;
    std::uint64_t want = std::clamp(3 * left_ / (4 * workers_), least, most_);
    std::vector<record::TrialRange> unit;
    while (want > 0 && range_ < missing_.size()) {
      record::TrialRange& range = missing_[range_];
      const std::uint64_t count = std::min(want, range.last - range.first);
      unit.push_back({range.first, range.first + count});
      range.first += count;
      range_ += range.first == range.last ? 1 : 0;
      want -= count;
      left_ -= count;
    }
    return unit;
  }

 private:
  std::vector<record::TrialRange> missing_;
  std::uint64_t workers_;
  std::uint64_t most_;
  std::uint64_t left_ = 0;
  std::size_t range_ = 0;
};

Ending run_plain_mode(const Subject& subject, const config::CampaignConfig& config,
                      const Planned& planned, std::vector<record::TrialRange> missing,
                      record::Store& store, std::int64_t id, const LoopOptions& options,
                      Progress& progress) {
  subject.golden->confirm(subject.runners);
  Units units(std::move(missing), static_cast<std::uint64_t>(subject.profile.batch),
              config.campaign.samples_per_fault);
  const Job job{[&] { return units.next(); },
                [&](std::size_t worker, std::span<const record::TrialRange> ranges) {
                  return run_unit(subject, worker, *planned.plan, ranges);
                }};
  return run_job(job, subject.runners.size(), store, id, options, progress);
}

Ending run_wave_mode(const Subject& subject, Wave& wave,
                     const std::vector<record::TrialRange>& missing, record::Store& store,
                     std::int64_t id, const LoopOptions& options, Progress& progress) {
  for (std::size_t block = 0; block < wave.blocks(); ++block) {
    wave.enter(block);
    WaveUnits units(missing, subject.runners.size(), wave.trials_at_once());
    const Job job{[&] { return units.next(); },
                  [&](std::size_t worker, std::span<const record::TrialRange> ranges) {
                    return wave.run(worker, ranges);
                  }};
    const Ending ending = run_job(job, subject.runners.size(), store, id, options, progress);
    if (ending != Ending::complete) {
      return ending;
    }
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
  const LoopOptions loop{.stop = options.stop, .deadline = options.deadline};
  auto missing = store.missing(result.id, row.planned);
  record::Notes notes{{"mode", "plain"}};
  std::unique_ptr<Wave> wave;
  const bool on_cpu = subject.backend->device().is_cpu();
  const bool wanted = subject.mode() == config::Mode::wave && !missing.empty();
  if (wanted && on_cpu) {
    const auto start = std::chrono::steady_clock::now();
    wave = std::make_unique<Wave>(subject, config, planned, options.wave);
    result.setup_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  if (missing.empty()) {
    notes = store.notes(result.id);
  } else if (wave && wave->refusal().empty()) {
    result.ending = run_wave_mode(subject, *wave, missing, store, result.id, loop, progress);
    notes = wave->notes();
    result.counters = wave->counters();
    result.layers = wave->layers();
  } else {
    if (wanted) {
      notes.emplace_back("no_wave", wave ? wave->refusal() : "the wave runs on a CPU so far");
    }
    result.ending = run_plain_mode(subject, config, planned, std::move(missing), store, result.id,
                                   loop, progress);
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
