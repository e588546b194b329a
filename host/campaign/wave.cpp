#include "host/campaign/wave.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "host/base/error.h"
#include "host/base/parallel.h"
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

bool is_parameter(const execute::Site& site) {
  return site.kind == execute::SiteKind::weight || site.kind == execute::SiteKind::bias;
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
  const run::Program& program = shared_->program;
  bounds_ = run::bound_rows(program);
  std::uint64_t largest = 0;
  for_each_site(planned, subject.profile, [&](const execute::Site& site) {
    const injectors::Corruption one{.site = site.id, .masks = {}};
    largest = std::max(largest, bounds_.bytes(subject.profile, std::span(&one, 1)));
  });
  largest *= config.faults.count;
  budget_ = run::share_memory(program, config.run.memory, subject.data.samples,
                              subject.executors.size(), largest);
  for (const auto& executor : subject.executors) {
    runners_.push_back(std::make_unique<run::WaveRunner>(*shared_, *executor));
  }
  order_sites();
  enter(0);
  prove_golden(*golden_);
  if (refusal_.empty()) {
    run_zero_fault_wave(*golden_);
  }
}

void Wave::compile(run::WaveSettings settings) {
  execute::Executor& executor = *subject_.executors.front();
  const model::Graph& graph = *subject_.graph;
  const auto batch = subject_.profile.batch;
  std::vector<std::uint32_t> first(
      static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(batch), subject_.data.samples)));
  std::iota(first.begin(), first.end(), 0);
  run::Capture captured =
      run::capture(executor, run::gather(subject_.data, first, batch, subject_.backend->device()));
  const run::Targets struck = targets();
  const auto values = run::describe_values(graph, subject_.profile, captured);
  run::Program program = run::compile(graph, subject_.profile, captured, values, {}, struck);
  refusal_ = program.refusal;
  if (refusal_.empty() && settings.fuse) {
    auto regions = prove_regions(program, struck, settings.seed);
    switched_off_ = std::move(regions.switched_off);
    program = run::compile(graph, subject_.profile, std::move(captured), values,
                           std::move(regions.regions), struck);
  }
  shared_ = std::make_unique<run::WaveShared>(std::move(program), settings);
}

// Against all values of two samples, of a program that fuses nothing yet.
run::ProvenRegions Wave::prove_regions(const run::Program& program, const run::Targets& struck,
                                       std::uint64_t seed) const {
  std::vector<std::uint32_t> samples{0};
  if (subject_.data.samples > 1) {
    samples.push_back(1);
  }
  const run::GoldenBlock golden(program, subject_.runners, samples, {});
  run::Separate separate{struck.inputs};
  for (const model::Node& node : subject_.graph->nodes) {
    for (const model::Slot& slot : node.slots) {
      if (struck.parameters[slot.value.value]) {
        separate.nodes[node.id.value] = true;
      }
    }
  }
  const run::GoldenRows rows{
      static_cast<std::uint32_t>(golden.size()),
      [&](model::ValueId id, std::uint32_t sample) { return golden.floats(id, sample); }};
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
    first_step_.push_back(site.kind == execute::SiteKind::input ? of_node[place.node.value]
                                                                : of_value[place.value.value]);
  }
}

std::size_t Wave::blocks() const {
  return (subject_.data.samples + budget_.samples - 1) / budget_.samples;
}

std::vector<std::uint32_t> Wave::block_samples(std::size_t block) const {
  const std::uint64_t first = block * budget_.samples;
  std::vector<std::uint32_t> samples(std::min(budget_.samples, subject_.data.samples - first));
  std::iota(samples.begin(), samples.end(), static_cast<std::uint32_t>(first));
  return samples;
}

void Wave::enter(std::size_t block) {
  const std::vector<std::uint32_t> samples = block_samples(block);
  if (golden_ && golden_->samples() == samples) {
    return;
  }
  golden_.reset();  // before the next one takes its memory
  golden_ = std::make_unique<run::GoldenBlock>(
      shared_->program, subject_.runners, samples,
      [&](std::span<const std::uint32_t> part, const std::vector<at::Tensor>& outputs) {
        subject_.golden->confirm(part, outputs);
      });
}

void Wave::prove_golden(const run::GoldenBlock& golden) {
  const run::Program& program = shared_->program;
  for (std::size_t s = 0; s < program.steps.size(); ++s) {
    const run::Step& step = program.steps[s];
    if (step.kind == run::StepKind::dense &&
        !runners_.front()->dense().reproduces_golden(s, golden)) {
      refusal_ = fmt::format("{} does not give golden's bits on chunks laid out anew",
                             model::describe(program.graph->node(step.nodes.front())));
      return;
    }
  }
}

// Words that are struck without a change, at every site that the plan may strike.
void Wave::run_zero_fault_wave(const run::GoldenBlock& golden) {
  constexpr std::size_t most_sites = 96;
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
    injectors::Stream stream(config_.campaign.seed, part, injectors::Purpose::probe);
    run::Chunk chunk;
    chunk.clear();
    for (std::size_t i = part * step; i < sites.size(); i += workers * step) {
      const std::uint64_t id = chunk.size();
      chunk.trials.push_back(
          {{id}, {id}, {golden.samples()[static_cast<std::size_t>(stream.below(golden.size()))]}});
      chunk.corruptions.push_back({.site = sites[i].id,
                                   .element = stream.below(sites[i].elements),
                                   .masks = {~std::uint64_t{0}, 0}});
      chunk.first.push_back(chunk.corruptions.size());
    }
    std::vector<injectors::Effect> effects;
    runners_[worker]->run(chunk, golden, effects, /*zero_fault=*/true);
  });
}

std::uint64_t Wave::trials_at_once() const { return 8192; }

UnitRows Wave::run(std::size_t worker, std::span<const record::TrialRange> ranges) {
  const c10::InferenceMode inference;
  const std::uint32_t first = golden_->samples().front();
  const std::uint32_t last = golden_->samples().back();
  std::vector<plan::Trial> trials;
  for (const record::TrialRange& range : ranges) {
    planned_.plan->trials(range.first, range.last, trials);
  }
  std::erase_if(trials, [&](const plan::Trial& trial) {
    return trial.sample.value < first || trial.sample.value > last;
  });

  // By the step where they join, so that rows of one layer lie together; then by sample.
  struct Drawn {
    std::uint32_t step;
    std::uint32_t sample;
    std::uint32_t trial;
    std::uint64_t bytes;
  };
  std::vector<Drawn> order;
  std::vector<plan::Trial> plain;
  std::vector<injectors::Corruption> corruptions;
  for (std::uint32_t t = 0; t < trials.size(); ++t) {
    corruptions.clear();
    planned_.plan->fault(trials[t].fault, corruptions);
    std::uint32_t step = UINT32_MAX;
    bool as_plain = false;
    for (const injectors::Corruption& c : corruptions) {
      step = std::min(step, first_step_[c.site.value]);
      const auto value = subject_.profile.places[c.site.value].value;
      as_plain = as_plain || (is_parameter(subject_.profile.site(c.site)) &&
                              shared_->program.plain_parameters[value.value]);
    }
    if (as_plain) {
      plain.push_back(trials[t]);
    } else {
      order.push_back(
          {step, trials[t].sample.value, t, bounds_.bytes(subject_.profile, corruptions)});
    }
  }
  std::sort(order.begin(), order.end(), [](const Drawn& a, const Drawn& b) {
    return std::tie(a.step, a.sample, a.trial) < std::tie(b.step, b.sample, b.trial);
  });

  UnitRows rows;
  run::Chunk chunk;
  chunk.clear();
  std::uint64_t bytes = 0;
  for (const Drawn& drawn : order) {
    if (chunk.size() > 0 && bytes + drawn.bytes > budget_.rows_per_worker) {
      run_group(worker, chunk, rows);
      chunk.clear();
      bytes = 0;
    }
    chunk.add(trials[drawn.trial], *planned_.plan);
    bytes += drawn.bytes;
  }
  if (chunk.size() > 0) {
    run_group(worker, chunk, rows);
  }
  if (!plain.empty()) {
    plain_trials_ += plain.size();
    run_plain(subject_, worker, *planned_.plan, plain, rows);
  }
  std::sort(rows.trials.begin(), rows.trials.end(),
            [](const auto& a, const auto& b) { return a.trial < b.trial; });
  std::sort(rows.corruptions.begin(), rows.corruptions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.fault, a.position) < std::tie(b.fault, b.position);
  });
  rows.corruptions.erase(std::unique(rows.corruptions.begin(), rows.corruptions.end(),
                                     [](const auto& a, const auto& b) {
                                       return a.fault == b.fault && a.position == b.position;
                                     }),
                         rows.corruptions.end());
  return rows;
}

void Wave::run_group(std::size_t worker, const run::Chunk& chunk, UnitRows& rows) {
  run::WaveRunner& runner = *runners_[worker];
  std::vector<injectors::Effect> effects;
  runner.run(chunk, *golden_, effects);

  const std::size_t outputs = subject_.golden->outputs();
  std::vector<std::span<const run::Row>> left;  // by output: rows of trials to come
  std::vector<std::vector<float>> whole(outputs);
  compare::Rows golden(outputs);
  compare::Rows faulty(outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    left.emplace_back(runner.rows(o));
  }
  for (std::uint32_t t = 0; t < chunk.size(); ++t) {
    const plan::Trial& trial = chunk.trials[t];
    bool differs = false;
    for (std::size_t o = 0; o < outputs; ++o) {
      golden[o] = subject_.golden->row(o, trial.sample.value);
      faulty[o] = golden[o];
      if (!left[o].empty() && left[o].front().trial == t) {
        whole[o].resize(golden[o].size());
        runner.output(o, t, &left[o].front(), reinterpret_cast<std::byte*>(whole[o].data()));
        faulty[o] = whole[o];
        left[o] = left[o].subspan(1);
        differs = true;
      }
    }
    const std::size_t first = chunk.first[t];
    const std::size_t count = chunk.first[t + 1] - first;
    rows.trials.push_back(
        describe_trial(subject_, trial, std::span(effects).subspan(first, count), golden, faulty));
    if (!differs && rows.trials.back().activated) {
      rows.trials.back().depth = runner.depth(t);
    }
    add_corruptions(trial.fault, std::span(chunk.corruptions).subspan(first, count), rows);
  }
  if (config_.run.verify > 0) {
    verify(worker, chunk, effects);
  }
}

// Replays a random share of the trials as plain inferences and demands the same bits.
void Wave::verify(std::size_t worker, const run::Chunk& chunk,
                  const std::vector<injectors::Effect>& effects) {
  run::WaveRunner& wave = *runners_[worker];
  run::PlainRunner& plain = *subject_.runners[worker];
  std::vector<std::uint32_t> drawn;
  for (std::uint32_t t = 0; t < chunk.size(); ++t) {
    injectors::Stream stream(config_.campaign.seed, chunk.trials[t].id.value,
                             injectors::Purpose::verify);
    if (static_cast<double>(stream.next32()) < config_.run.verify * 4294967296.0) {
      drawn.push_back(t);
    }
  }
  for (std::size_t next = 0; next < drawn.size();) {
    run::Chunk part;
    part.clear();
    std::vector<std::uint32_t> members;
    const auto batch = static_cast<std::size_t>(subject_.profile.batch);
    bool parameters = false;
    while (next < drawn.size() && part.size() < batch) {
      const std::uint32_t t = drawn[next];
      const auto corruptions =
          std::span(chunk.corruptions).subspan(chunk.first[t], chunk.first[t + 1] - chunk.first[t]);
      const bool strikes = plain.strikes_parameters(corruptions);
      // A fault of parameters changes the model for every row of its pass.
      if (part.size() > 0 && (strikes || parameters) &&
          part.trials.back().fault != chunk.trials[t].fault) {
        break;
      }
      part.add(chunk.trials[t], *planned_.plan);
      members.push_back(t);
      parameters = strikes;
      ++next;
    }
    const run::ChunkResult result = plain.run(part);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::uint32_t t = members[i];
      bool same =
          std::equal(result.effects.begin() + static_cast<std::ptrdiff_t>(part.first[i]),
                     result.effects.begin() + static_cast<std::ptrdiff_t>(part.first[i + 1]),
                     effects.begin() + static_cast<std::ptrdiff_t>(chunk.first[t]));
      for (std::size_t o = 0; same && o < result.outputs.size(); ++o) {
        const auto golden = subject_.golden->row(o, chunk.trials[t].sample.value);
        std::vector<float> own(golden.begin(), golden.end());
        const auto& list = wave.rows(o);
        const auto row = std::partition_point(list.begin(), list.end(),
                                              [&](const run::Row& r) { return r.trial < t; });
        if (row != list.end() && row->trial == t) {
          wave.output(o, t, &*row, reinterpret_cast<std::byte*>(own.data()));
        }
        const float* expected = result.outputs[o].const_data_ptr<float>() + i * own.size();
        same = std::memcmp(expected, own.data(), own.size() * sizeof(float)) == 0;
      }
      if (!same) {
        throw RunError(fmt::format(
            "run.verify: trial {} differs between the wave and a full inference (a shortcut is "
            "not exact on this machine; nothing of this group was recorded); run with "
            "--run.mode plain, and please report the model and the plan",
            chunk.trials[t].id.value));
      }
      ++verified_;
    }
  }
}

run::Counters Wave::counters() const {
  run::Counters sum;
  for (const auto& runner : runners_) {
    sum.add(runner->counters());
  }
  return sum;
}

std::vector<std::pair<std::string, std::string>> Wave::notes() const {
  std::vector<std::pair<std::string, std::string>> notes{{"mode", "wave"}};
  for (const std::string& off : switched_off_) {
    notes.emplace_back("switched_off", off);
  }
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
