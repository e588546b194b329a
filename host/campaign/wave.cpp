#include "host/campaign/wave.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "host/base/error.h"
#include "host/base/parallel.h"
#include "host/campaign/unit_order.h"
#include "host/execute/threads.h"
#include "host/run/device/device_runner.h"
#include "host/run/wave/no_wave.h"
#include "injectors/rng.h"

namespace softbeam::campaign {
namespace {

// Calls `visit` with every site that the plan may strike.
template <class Visit>
void for_each_site(const Planned& planned, const execute::Profile& profile, Visit visit) {
  if (planned.frame) {
    for (const execute::Site& site : planned.frame->sites) visit(site);
    return;
  }
  std::vector<bool> seen(profile.sites.size(), false);
  std::vector<plan::Trial> trials;
  planned.plan->trials(0, planned.plan->trials(), trials);
  std::vector<injectors::Corruption> corruptions;
  for (const plan::Trial& trial : trials) {
    corruptions.clear();
    planned.plan->fault(trial.fault, corruptions);
    for (const injectors::Corruption& c : corruptions) seen[c.site.value] = true;
  }
  for (const execute::Site& site : profile.sites) {
    if (seen[site.id.value]) visit(site);
  }
}

}  // namespace

Wave::Wave(const Subject& subject, const config::CampaignConfig& config, const Planned& planned,
           run::WaveSettings settings)
    : subject_(subject), config_(config), planned_(planned) {
  const c10::InferenceMode inference;
  compile(settings);
  if (!refusal_.empty()) {
    return;
  }
  try {
    prove();
  } catch (const run::NoWave& error) {
    refusal_ = error.why;
  }
  if (!refusal_.empty()) {  // plain mode needs none of it
    golden_.reset();
    runners_.clear();
  }
}

// All that must hold on this machine before the first wave.
void Wave::prove() {
  const run::Program& program = shared_->program;
  const std::size_t workers = subject_.executors.size();
  bounds_ = std::vector<run::RowBounds>(workers, run::RowBounds(program));
  largest_trial_ = bounds_.front().largest();
  budget_ = run::share_memory(program, memory(), subject_.data.samples, workers, largest_trial_);
  shared_->convolutions.keep_at_most(budget_.proofs);
  rows_at_once_.assign(workers, budget_.rows_per_worker);
  for (const auto& executor : subject_.executors) {
    runners_.push_back(make_runner(*executor));
    runners_.back()->limit_rows(budget_.rows_per_worker);
    scratch_.push_back(std::make_unique<UnitScratch>());
  }
  order_sites();
  enter(0);
  prove_golden(*golden_);
  if (refusal_.empty()) {
    prepare_forms(*golden_);
    run_zero_fault_wave(*golden_);
  }
  of_setup_ = counters();
}

Wave::~Wave() = default;

std::unique_ptr<run::TrialRunner> Wave::make_runner(execute::Executor& executor) const {
  if (on_device()) {
    return std::make_unique<run::DeviceRunner>(shared_->program, shared_->settings, executor,
                                               *windows_);
  }
  return std::make_unique<run::WaveRunner>(*shared_, executor);
}

// What the wave may take: of a device's memory a tenth is left to the library's workspaces.
std::uint64_t Wave::memory() const {
  constexpr std::uint64_t of_a_cpu = std::uint64_t{4} << 30U;
  const std::uint64_t asked = config_.run.memory;
  if (subject_.backend->device().is_cpu()) {
    return asked == 0 ? of_a_cpu : asked;
  }
  const std::uint64_t free = subject_.backend->free_memory();
  const std::uint64_t most = free - free / 10;
  return asked == 0 ? most : std::min(asked, most);
}

void Wave::compile(run::WaveSettings settings) {
  execute::Executor& executor = *subject_.executors.front();
  const model::Graph& graph = *subject_.graph;
  const auto batch = subject_.profile.batch;
  std::vector<std::uint32_t> first(
      static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(batch), subject_.data.samples)));
  std::iota(first.begin(), first.end(), 0);
  run::FirstRows rows;
  run::Capture captured =
      run::capture(executor, run::gather(subject_.data, first, batch, subject_.backend->device()),
                   &subject_.profile, &rows);
  settings.as_on_device = settings.as_on_device || !subject_.backend->device().is_cpu();
  const run::Targets struck = targets();
  const auto values = run::describe_values(graph, subject_.profile, captured);
  run::Program program = run::compile(graph, subject_.profile, captured, values, {}, struck);
  refusal_ = program.refusal;
  if (refusal_.empty() && settings.as_on_device) {
    auto nodes =
        run::find_regions(graph, captured, values, {struck.inputs}, run::Grouping::single_nodes);
    program = run::compile(graph, subject_.profile, std::move(captured), values, std::move(nodes),
                           struck);
    program.plain_parameters.assign(graph.values.size(), true);
  } else if (refusal_.empty() && settings.fuse) {
    auto regions = prove_regions(program, struck, rows, settings.seed);
    switched_off_ = std::move(regions.switched_off);
    program = run::compile(graph, subject_.profile, std::move(captured), values,
                           std::move(regions.regions), struck);
  }
  shared_ = std::make_unique<run::WaveShared>(std::move(program), settings);
  windows_ = std::make_unique<run::WindowProofs>(shared_->program);
}

run::ProvenRegions Wave::prove_regions(const run::Program& program, const run::Targets& struck,
                                       const run::FirstRows& first, std::uint64_t seed) const {
  run::Separate separate{struck.inputs};
  for (const model::Node& node : subject_.graph->nodes) {
    for (const model::Slot& slot : node.slots) {
      if (struck.parameters[slot.value.value]) {
        separate.nodes[node.id.value] = true;
      }
    }
  }
  const run::GoldenRows rows{
      first.samples, [&](model::ValueId id, std::uint32_t sample) -> const float* {
        const at::Tensor& all = first.values[id.value];
        return all.defined() && all.scalar_type() == at::kFloat
                   ? all.const_data_ptr<float>() + static_cast<std::int64_t>(sample) * all.size(1)
                   : nullptr;
      }};
  return run::prove_regions(*subject_.graph, program.captured, program.values, std::move(separate),
                            *subject_.executors.front(), rows, seed);
}

run::Targets Wave::targets() const {
  run::Targets struck{std::vector<bool>(subject_.graph->values.size(), false),
                      std::vector<bool>(subject_.graph->nodes.size(), false)};
  for_each_site(planned_, subject_.profile, [&](const execute::Site& site) {
    const execute::SitePlace& place = subject_.profile.places[site.id.value];
    if (is_parameter(site)) {
      struck.parameters[place.value.value] = true;
    } else if (site.kind == execute::SiteKind::input) {
      struck.inputs[place.node.value] = true;
    }
  });
  return struck;
}

void Wave::order_sites() {
  const run::Program& program = shared_->program;
  std::vector<std::uint32_t> of_value(program.values.size(), 0);
  std::vector<std::uint32_t> of_node(program.graph->nodes.size(), 0);
  for (std::uint32_t s = 0; s < program.steps.size(); ++s) {
    for (const model::NodeId node : program.steps[s].nodes) {
      of_node[node.value] = s;
      for (const model::ValueId output : program.graph->node(node).outputs) {
        of_value[output.value] = s;
      }
    }
    for (const model::ValueId parameter : program.steps[s].parameters) {
      of_value[parameter.value] = s;
    }
  }
  for (const execute::Site& site : subject_.profile.sites) {
    const execute::SitePlace& place = subject_.profile.places[site.id.value];
    sites_.push_back({.step = site.kind == execute::SiteKind::input ? of_node[place.node.value]
                                                                    : of_value[place.value.value],
                      .plain = is_parameter(site) && program.plain_parameters[place.value.value]});
  }
}

std::size_t Wave::blocks() const {
  return (subject_.data.samples + budget_.samples - 1) / budget_.samples;
}

BlockSamples Wave::samples(std::size_t block) const {
  const std::uint64_t first = block * budget_.samples;
  const std::uint64_t last = std::min(first + budget_.samples, subject_.data.samples);
  return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last),
          subject_.data.samples};
}

std::vector<std::uint32_t> Wave::block_samples(std::size_t block) const {
  const BlockSamples bounds = this->samples(block);
  std::vector<std::uint32_t> samples(bounds.last - bounds.first);
  std::iota(samples.begin(), samples.end(), bounds.first);
  return samples;
}

void Wave::enter(std::size_t block) {
  const std::vector<std::uint32_t> samples = block_samples(block);
  if (golden_ && golden_->samples() == samples) {
    return;
  }
  golden_.reset();  // before the next one takes its memory
  const bool agreed = subject_.golden->deterministic();
  golden_ = std::make_unique<run::GoldenBlock>(
      shared_->program, subject_.runners, samples,
      [&](std::span<const std::uint32_t> part, const std::vector<at::Tensor>& outputs) {
        subject_.golden->confirm(part, outputs);
      });
  if (agreed && !subject_.golden->deterministic()) {
    throw RunError(
        "two clean runs agreed and the next one differs (the model is not deterministic on this "
        "device, and the wave needs a golden that stays); run with --run.mode plain, in a store "
        "of its own");
  }
}

void Wave::prove_golden(const run::GoldenBlock& golden) {
  const run::Program& program = shared_->program;
  const auto runs_whole = [&](run::StepKind kind) {
    return on_device() ? kind != run::StepKind::shift && kind != run::StepKind::reshape
                       : kind == run::StepKind::dense || kind == run::StepKind::linear;
  };
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    const run::Step& step = program.steps[s];
    if (runs_whole(step.kind) && !runners_.front()->reproduces_golden(s, golden)) {
      refusal_ = fmt::format("{} does not give golden's bits on chunks laid out anew",
                             model::describe(program.graph->node(step.nodes.front())));
      return;
    }
  }
}

// The proofs of the layers behind the first strike, shared out among the workers: in the first wave
// all of them would wait for the same one.
void Wave::prepare_forms(const run::GoldenBlock& golden) {
  const run::Program& program = shared_->program;
  if (shared_->settings.forms == run::FormChoice::dense) {
    return;
  }
  std::uint32_t first = UINT32_MAX;
  for_each_site(planned_, subject_.profile, [&](const execute::Site& site) {
    first = std::min(first, sites_[site.id.value].step);
  });
  std::vector<std::size_t> steps;
  for (std::size_t s = first; s < program.steps.size(); ++s) {
    const run::StepKind kind = program.steps[s].kind;
    if (kind == run::StepKind::convolution || kind == run::StepKind::linear ||
        kind == run::StepKind::pooling || (on_device() && kind == run::StepKind::region)) {
      steps.push_back(s);
    }
  }
  parallel_for(runners_.size(), steps.size(), [&](std::size_t worker, std::uint64_t i) {
    execute::compute_on_one_thread();
    runners_[worker]->prepare(steps[i], golden);
  });
}

// Words that are struck without a change, at every site that the plan may strike.
void Wave::run_zero_fault_wave(const run::GoldenBlock& golden) {
  constexpr std::size_t most_sites = 12;  // the first ones reach every step
  std::vector<execute::Site> sites;
  for_each_site(planned_, subject_.profile, [&](const execute::Site& site) {
    const auto value = subject_.profile.places[site.id.value].value;
    if (!is_parameter(site) || !shared_->program.plain_parameters[value.value]) {
      sites.push_back(site);
    }
  });
  const std::size_t step = std::max<std::size_t>(1, sites.size() / most_sites);
  const std::size_t workers = runners_.size();
  parallel_for(workers, workers, [&](std::size_t worker, std::uint64_t part) {
    execute::compute_on_one_thread();
    injectors::Stream stream(config_.campaign.seed, part, injectors::Purpose::probe);
    run::Chunk chunk;
    chunk.clear();
    std::vector<injectors::Effect> effects;
    std::uint64_t bytes = 0;
    for (std::size_t i = part * step; i < sites.size(); i += workers * step) {
      const injectors::Corruption same{.site = sites[i].id,
                                       .element = stream.below(sites[i].elements),
                                       .masks = {~std::uint64_t{0}, 0}};
      const std::uint64_t own = bounds_[worker].bytes(std::span(&same, 1));
      if (bytes + own > budget_.rows_per_worker) {
        runners_[worker]->run(chunk, golden, effects, /*zero_fault=*/true);
        chunk.clear();
        bytes = 0;
      }
      bytes += own;
      const std::uint64_t id = chunk.size();
      chunk.trials.push_back(
          {{id}, {id}, {golden.samples()[static_cast<std::size_t>(stream.below(golden.size()))]}});
      chunk.corruptions.push_back(same);
      chunk.first.push_back(chunk.corruptions.size());
    }
    runners_[worker]->run(chunk, golden, effects, /*zero_fault=*/true);
  });
}

std::uint64_t Wave::trials_at_once() const { return 8192; }

run::Counters Wave::counters() const {
  run::Counters sum;
  for (const auto& runner : runners_) {
    sum.add(runner->counters());
  }
  sum.forget(of_setup_);
  sum.macs += plain_macs_;
  return sum;
}

std::vector<LayerWork> Wave::layers() const {
  const run::Program& program = shared_->program;
  const run::Counters sum = counters();
  std::vector<LayerWork> layers;
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    if (sum.step_seconds[s] > 0) {
      const model::Node& node = program.graph->node(program.steps[s].nodes.back());
      layers.push_back({program.graph->value(node.outputs.front()).name, sum.step_seconds[s],
                        sum.step_macs[s], sum.rows_by_form[s]});
    }
  }
  return layers;
}

// In how many layers each form computed rows.
std::string Wave::forms() const {
  std::array<std::size_t, run::form_kinds> layers{};
  const run::Counters sum = counters();
  for (std::size_t s = 0; s < shared_->program.steps.size(); ++s) {
    const run::StepKind kind = shared_->program.steps[s].kind;
    if (kind != run::StepKind::convolution && kind != run::StepKind::pooling) {
      continue;
    }
    for (std::size_t f = 0; f < layers.size(); ++f) {
      layers[f] += sum.rows_by_form[s][f] > 0 ? 1 : 0;
    }
  }
  return fmt::format(
      "convolution and pooling layers by form: own kernel {}, crop {}, canvas {}, dense {}; {} "
      "fused regions",
      layers[0], layers[1], layers[2], layers[3], shared_->program.regions.size());
}

std::vector<std::pair<std::string, std::string>> Wave::notes() const {
  std::vector<std::pair<std::string, std::string>> notes{{"mode", "wave"}};
  for (const std::string& off : switched_off_) {
    notes.emplace_back("switched_off", off);
  }
  for (const run::SwitchedOff& off : runners_.front()->switched_off()) {
    notes.emplace_back("switched_off", fmt::format("{}: {}: {}", off.node, off.shape, off.why));
  }
  notes.emplace_back("forms", forms());
  if (plain_trials_ > 0) {
    notes.emplace_back("plain_trials",
                       fmt::format("{} trials ran as full inferences", plain_trials_.load()));
  }
  if (config_.run.verify > 0) {
    notes.emplace_back("verified", fmt::format("{} trials replayed as full inferences, all equal",
                                               verified_.load()));
  }
  return notes;
}

}  // namespace softbeam::campaign
