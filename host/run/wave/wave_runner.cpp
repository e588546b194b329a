#include "host/run/wave/wave_runner.h"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <chrono>
#include <numeric>

#include "host/base/error.h"

namespace softbeam::run {

using injectors::Rect;

std::vector<SwitchedOff> WaveShared::switched_off() const {
  std::vector<SwitchedOff> all = convolutions.switched_off();
  for (const auto& more : {linears.switched_off(), poolings.switched_off()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  for (const auto& [step, why] : filters.switched_off()) {
    all.push_back({.node = model::describe(program.graph->node(program.steps[step].nodes.front())),
                   .form = Form::dense,
                   .shape = "blocks of struck filters",
                   .why = why});
  }
  return all;
}

WaveRunner::WaveRunner(WaveShared& shared, execute::Executor& executor)
    : shared_(shared),
      executor_(executor),
      sweep_(shared.program, shared.settings, counters_),
      dense_(shared.program, executor, shared.dense),
      filters_(shared.program, executor, dense_, shared.filters) {
  counters_.rows_by_form.resize(shared.program.steps.size());
  counters_.step_seconds.resize(shared.program.steps.size());
  counters_.step_macs.resize(shared.program.steps.size());
}

void WaveRunner::prepare(std::size_t step, const GoldenBlock& golden) {
  const Step& s = shared_.program.steps[step];
  if (s.kind == StepKind::convolution) {
    prepare_convolution(shared_.program, s, golden, shared_.convolutions, executor_);
  } else if (s.kind == StepKind::linear) {
    prepare_linear(shared_.program, s, golden, shared_.linears, executor_);
  } else if (s.kind == StepKind::pooling) {
    prepare_pooling(shared_.program, s, golden, shared_.poolings);
  }
}

void WaveRunner::run(const Chunk& chunk, const GoldenBlock& golden,
                     std::vector<injectors::Effect>& effects, bool zero_fault) {
  const c10::InferenceMode inference;
  sweep_.end();
  sweep_.begin(chunk, golden, effects, zero_fault);
  for (std::size_t s = 0; s < shared_.program.steps.size(); ++s) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t macs = counters_.macs;
    step(s);
    sweep_.finish(shared_.program.steps[s]);
    counters_.step_macs[s] += counters_.macs - macs;
    counters_.step_seconds[s] +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  counters_.trials += chunk.size();
  counters_.peak_row_bytes = sweep_.peak_row_bytes();
  if (sweep_.strikes().struck() != chunk.corruptions.size()) {
    throw RunError(fmt::format(
        "{} of {} corruptions of a wave never met their value (nothing of it was "
        "recorded); please report the model and the plan",
        chunk.corruptions.size() - sweep_.strikes().struck(), chunk.corruptions.size()));
  }
}

void WaveRunner::step(std::size_t index) {
  const Step& step = shared_.program.steps[index];
  if (step.kind == StepKind::region) {
    run_region(sweep_, step, shared_.program.regions[step.detail], region_);
    return;
  }
  const ActiveList& list = sweep_.active(step);
  whole_rows_.clear();
  if (list.size() > 0) {
    switch (step.kind) {
      case StepKind::shift:
        shift(step, list);
        break;
      case StepKind::reshape:
        reshape(step, list);
        break;
      case StepKind::convolution:
        run_convolution(sweep_, step, list, shared_.convolutions, executor_, conv_scratch_,
                        whole_rows_);
        break;
      case StepKind::linear:
        run_linear(sweep_, step, list, shared_.linears, executor_, linear_scratch_, whole_rows_);
        break;
      case StepKind::pooling:
        run_pooling(sweep_, step, list, shared_.poolings, pool_scratch_, whole_rows_);
        break;
      default:
        whole_rows_.resize(list.size());
        std::iota(whole_rows_.begin(), whole_rows_.end(), 0);
        break;
    }
    if (!whole_rows_.empty()) {
      dense_.run(sweep_, index, list, whole_rows_);
      counters_.rows_by_form[index][static_cast<std::size_t>(Form::dense)] += whole_rows_.size();
    }
  }
  if (sweep_.struck().size() > 0) {
    const ActiveList& struck = sweep_.struck();
    const std::int64_t images = filters_.prepare(sweep_, index);
    dense_.run_struck(sweep_, index, [&](std::size_t i) {
      const bool golden_input = images > 0 && struck.inputs == 1 && struck.row(i, 0) == nullptr;
      const auto block =
          golden_input ? filters_.block_of(sweep_, index, struck.trials[i]) : std::nullopt;
      return block && filters_.run(sweep_, index, images, *block, struck.trials[i]);
    });
  }
}

void WaveRunner::shift(const Step& step, const ActiveList& list) {
  const Timed timed(counters_, Work::other);
  const Shift& shift = shared_.program.shifts[step.detail];
  const WaveValue& out = shared_.program.value(step.outputs[0]);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Row& row = *list.row(i, 0);
    const Rect moved{{row.rect.y.first - shift.dy, row.rect.y.last - shift.dy},
                     {row.rect.x.first - shift.dx, row.rect.x.last - shift.dx}};
    const Rect rect = intersected(moved, {{0, out.height}, {0, out.width}});
    if (!rect.empty()) {
      sweep_.emit(step.outputs[0], list.trials[i], rect,
                  row.floats() + (rect.y.first - moved.y.first) * row.rect.width() +
                      (rect.x.first - moved.x.first),
                  row.rect.width(), row.rect.area());
    }
  }
}

void WaveRunner::reshape(const Step& step, const ActiveList& list) {
  const Timed timed(counters_, Work::other);
  const model::ValueId in = step.inputs[0];
  whole_.resize(shared_.program.value(in).bytes());
  for (std::size_t i = 0; i < list.size(); ++i) {
    sweep_.lay_over(in, list.trials[i], list.row(i, 0), whole_.data());
    sweep_.emit_whole(step.outputs[0], list.trials[i], whole_.data());
  }
}

}  // namespace softbeam::run
