#include "host/campaign/work.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"

namespace softbeam::campaign {
namespace {

bool activated(std::span<const injectors::Effect> effects) {
  return std::any_of(effects.begin(), effects.end(),
                     [](const injectors::Effect& e) { return e.before != e.after; });
}

std::span<const float> row_of(const at::Tensor& output, std::size_t row) {
  const auto size = static_cast<std::size_t>(output.size(1));
  return {output.const_data_ptr<float>() + row * size, size};
}

void describe(const Subject& subject, const run::Chunk& chunk, const run::ChunkResult& result,
              UnitRows& rows) {
  compare::Rows golden(result.outputs.size());
  compare::Rows faulty(result.outputs.size());
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const plan::Trial& trial = chunk.trials[i];
    for (std::size_t o = 0; o < result.outputs.size(); ++o) {
      golden[o] = subject.golden->row(o, trial.sample.value);
      faulty[o] = row_of(result.outputs[o], i);
    }
    const std::size_t first = chunk.first[i];
    const std::size_t count = chunk.first[i + 1] - first;
    rows.trials.push_back(describe_trial(
        subject, trial, std::span(result.effects).subspan(first, count), golden, faulty));
    if (i > 0 && chunk.trials[i - 1].fault == trial.fault) {
      continue;  // the fault's corruptions stand there already
    }
    add_corruptions(trial.fault, std::span(chunk.corruptions).subspan(first, count), rows);
  }
}

}  // namespace

record::TrialRow describe_masked(const Subject& subject, const plan::Trial& trial,
                                 std::span<const injectors::Effect> effects) {
  const auto* answer = subject.classifier() ? &subject.answers[trial.sample.value] : nullptr;
  return {.trial = trial.id,
          .fault = trial.fault,
          .sample = trial.sample,
          .activated = activated(effects),
          .depth = {},
          .verdict = compare::masked(answer)};
}

record::TrialRow describe_trial(const Subject& subject, const plan::Trial& trial,
                                std::span<const injectors::Effect> effects,
                                const compare::Rows& golden, const compare::Rows& faulty) {
  const auto* answer = subject.classifier() ? &subject.answers[trial.sample.value] : nullptr;
  record::TrialRow row{
      .trial = trial.id,
      .fault = trial.fault,
      .sample = trial.sample,
      .activated = activated(effects),
      .depth = {},
      .verdict = compare::judge(golden, faulty, answer, subject.config.model.output)};
  if (subject.deterministic() && !row.activated &&
      row.verdict.outcome != compare::Outcome::masked) {
    throw RunError(fmt::format(
        "trial {} differs from golden although its fault changed no bit (another cause is at "
        "work; nothing of this chunk was recorded); please report the model and the plan",
        trial.id.value));
  }
  return row;
}

void add_corruptions(injectors::FaultId fault, std::span<const injectors::Corruption> corruptions,
                     UnitRows& rows) {
  for (std::size_t c = 0; c < corruptions.size(); ++c) {
    rows.corruptions.push_back(
        {.fault = fault, .position = static_cast<std::uint32_t>(c), .corruption = corruptions[c]});
  }
}

Units::Units(std::vector<record::TrialRange> missing, std::uint64_t batch,
             std::uint64_t samples_per_fault)
    : missing_(std::move(missing)) {
  // Single-sample chunks are grouped, so that a transaction is worth its cost.
  constexpr std::uint64_t least = 16;
  chunk_ = std::max(batch, least);
  // Ends after whole faults; a fault of more samples than a chunk is cut at whole chunks.
  group_ = samples_per_fault > chunk_ ? samples_per_fault
                                      : chunk_ / samples_per_fault * samples_per_fault;
}

std::vector<record::TrialRange> Units::next() {
  if (range_ == missing_.size()) {
    return {};
  }
  record::TrialRange& range = missing_[range_];
  const std::uint64_t first = range.first;
  const std::uint64_t start = first / group_ * group_;
  const std::uint64_t end =
      std::min(start + group_, start + ((first - start) / chunk_ + 1) * chunk_);
  const std::uint64_t last = std::min(range.last, end);
  range.first = last;
  range_ += last == range.last ? 1 : 0;
  return {{first, last}};
}

void run_plain(const Subject& subject, std::size_t worker, const plan::FaultPlan& plan,
               std::span<const plan::Trial> trials, UnitRows& rows) {
  run::PlainRunner& runner = *subject.runners[worker];
  const auto batch = static_cast<std::size_t>(subject.profile.batch);
  run::Chunk chunk;
  chunk.clear();
  bool parameters = false;
  const auto flush = [&] {
    if (chunk.size() > 0) {
      describe(subject, chunk, runner.run(chunk), rows);
      chunk.clear();
    }
  };
  for (const plan::Trial& trial : trials) {
    const bool other_fault = chunk.size() > 0 && chunk.trials.back().fault != trial.fault;
    if (chunk.size() == batch || (parameters && other_fault)) {
      flush();
    }
    chunk.add(trial, plan);
    const std::size_t last = chunk.size() - 1;
    const bool now =
        runner.strikes_parameters(std::span(chunk.corruptions).subspan(chunk.first[last]));
    if (now && !parameters && chunk.size() > 1 && other_fault) {
      // A fault of parameters must not share a pass with rows of other faults.
      run::Chunk own;
      own.clear();
      own.add(trial, plan);
      chunk.trials.pop_back();
      chunk.first.pop_back();
      chunk.corruptions.resize(chunk.first.back());
      flush();
      chunk = std::move(own);
    }
    parameters = now;
  }
  flush();
}

UnitRows run_unit(const Subject& subject, std::size_t worker, const plan::FaultPlan& plan,
                  std::span<const record::TrialRange> ranges) {
  std::vector<plan::Trial> trials;
  for (const record::TrialRange& range : ranges) {
    plan.trials(range.first, range.last, trials);
  }
  UnitRows rows;
  run_plain(subject, worker, plan, trials, rows);
  return rows;
}

}  // namespace softbeam::campaign
