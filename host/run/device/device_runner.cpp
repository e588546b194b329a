#include "host/run/device/device_runner.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <numeric>

#include "host/base/error.h"
#include "host/run/device/whole_step.h"
#include "host/run/wave/no_wave.h"

namespace softbeam::run {

using injectors::LaidWindow;
using injectors::Rect;

DeviceRunner::DeviceRunner(const Program& program, const WaveSettings& settings,
                           execute::Executor& executor, WindowProofs& proofs)
    : program_(program),
      settings_(settings),
      proofs_(proofs),
      sweep_(program, executor.backend()),
      outputs_(program.outputs.size()) {
  const std::size_t steps = program_.steps.size();
  counters_.rows_by_form.resize(steps);
  counters_.step_seconds.resize(steps);
  counters_.step_macs.resize(steps);
  for (std::size_t v = 0; v < program_.values.size(); ++v) {
    if (program_.values[v].kept && program_.values[v].bytes() % 4 != 0) {
      throw NoWave(fmt::format("one sample of '{}' is not made of whole 32-bit words",
                               program_.graph->values[v].name));
    }
  }
  for (const Step& step : program_.steps) {
    calls_.push_back(std::make_unique<StepCall>(program_, executor, step));
    windows_.push_back(takes_windows(program_, step)
                           ? std::make_unique<WindowStep>(program_, step, *calls_.back(), settings)
                           : nullptr);
  }
}

void DeviceRunner::prepare(std::size_t step, const GoldenBlock& golden) {
  const c10::InferenceMode inference;
  if (windows_[step]) {
    proofs_.set(step, windows_[step]->prove(sweep_.backend(), golden));
  }
}

bool DeviceRunner::reproduces_golden(std::size_t step, const GoldenBlock& golden) {
  const c10::InferenceMode inference;
  return whole_rows_are_golden(sweep_.backend(), program_, program_.steps[step], *calls_[step],
                               golden);
}

void DeviceRunner::run(const Chunk& chunk, const GoldenBlock& golden,
                       std::vector<injectors::Effect>& effects, bool zero_fault) {
  const c10::InferenceMode inference;
  sweep_.end();
  sweep_.begin(chunk, golden, effects, zero_fault);
  for (std::size_t s = 0; s < program_.steps.size(); ++s) {
    const auto start = std::chrono::steady_clock::now();
    run_step(s);
    sweep_.finish(program_.steps[s]);
    counters_.step_seconds[s] +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  counters_.trials += chunk.size();
  counters_.peak_row_bytes = std::max(counters_.peak_row_bytes, sweep_.peak_row_bytes());
  if (sweep_.strikes().struck() != chunk.corruptions.size()) {
    throw RunError(fmt::format(
        "{} of {} corruptions of a wave never met their value (nothing of it was recorded); "
        "please report the model and the plan",
        chunk.corruptions.size() - sweep_.strikes().struck(), chunk.corruptions.size()));
  }
  fetch_outputs();
  sweep_.end();
}

void DeviceRunner::run_step(std::size_t index) {
  const Step& step = program_.steps[index];
  const ActiveList& list = sweep_.active(step);
  if (list.size() == 0) return;
  whole_.clear();
  if (step.kind == StepKind::shift) {
    run_shift(step, list);
  } else if (step.kind == StepKind::reshape) {
    run_reshape(step, list);
  } else if (proofs_.exact(index) && settings_.forms != FormChoice::dense) {
    run_windows(index, list);
  } else {
    whole_.resize(list.size());
    std::iota(whole_.begin(), whole_.end(), 0);
  }
  run_whole_rows(index, list);
}

void DeviceRunner::run_windows(std::size_t index, const ActiveList& list) {
  const Timed timed(counters_, program_.steps[index].kind == StepKind::convolution
                                   ? Work::convolution
                                   : Work::region);
  WindowStep& windows = *windows_[index];
  const std::uint64_t before = windows.tensors();
  windows.run(sweep_, list, whole_);
  const std::uint64_t macs = (windows.tensors() - before) * program_.steps[index].macs *
                             static_cast<std::uint64_t>(program_.profile->batch);
  counters_.macs += macs;
  counters_.step_macs[index] += macs;
  counters_.rows_by_form[index][static_cast<std::size_t>(Form::canvas)] +=
      list.size() - whole_.size();
}

void DeviceRunner::run_whole_rows(std::size_t index, const ActiveList& list) {
  if (whole_.empty()) return;
  const Timed timed(counters_, Work::dense);
  const auto batch = static_cast<std::uint64_t>(program_.profile->batch);
  const std::uint64_t room = std::max<std::uint64_t>(batch - 1, 1);
  run_whole(sweep_, program_, program_.steps[index], *calls_[index], list, whole_);
  const std::uint64_t macs = (whole_.size() + room - 1) / room * batch * program_.steps[index].macs;
  counters_.macs += macs;
  counters_.step_macs[index] += macs;
  counters_.rows_by_form[index][static_cast<std::size_t>(Form::dense)] += whole_.size();
}

// Golden's output with the row laid over it where it has moved to.
void DeviceRunner::run_shift(const Step& step, const ActiveList& list) {
  const Timed timed(counters_, Work::other);
  const Shift& shift = program_.shifts[step.detail];
  const model::ValueId out = step.outputs[0];
  const WordShape shape = sweep_.shape(out);
  std::vector<Candidate> candidates;
  std::vector<Row> moved;
  std::int64_t words = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Row row = *list.row(i, 0);
    row.rect = {{row.rect.y.first - shift.dy, row.rect.y.last - shift.dy},
                {row.rect.x.first - shift.dx, row.rect.x.last - shift.dx}};
    const Rect inside = intersected(row.rect, shape.whole());
    if (inside.empty()) continue;
    candidates.push_back({list.trials[i], sweep_.with_struck(out, list.trials[i], inside), {}});
    moved.push_back(row);
    words += shape.channels * candidates.back().rect.area();
  }
  if (candidates.empty()) return;
  const at::Tensor holder =
      at::empty({words}, at::TensorOptions().dtype(at::kFloat).device(sweep_.backend().device()));
  auto* next = static_cast<std::uint32_t*>(holder.mutable_data_ptr());
  std::vector<LaidWindow> windows;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    Candidate& c = candidates[i];
    c.words = {next, c.rect.width(), c.rect.area()};
    next += shape.channels * c.rect.area();
    windows.push_back(sweep_.window(out, c.trial, &moved[i], c.rect, c.words));
  }
  sweep_.backend().lay(windows, shape.channels);
  sweep_.emit(out, holder, candidates);
}

void DeviceRunner::run_reshape(const Step& step, const ActiveList& list) {
  const Timed timed(counters_, Work::other);
  const model::ValueId in = step.inputs[0];
  const model::ValueId out = step.outputs[0];
  const WordShape from = sweep_.shape(in);
  const WordShape to = sweep_.shape(out);
  const at::Tensor holder = at::empty({static_cast<std::int64_t>(list.size()) *
                                       static_cast<std::int64_t>(program_.value(out).elements)},
                                      at::TensorOptions()
                                          .dtype(program_.captured.values[out.value].type)
                                          .device(sweep_.backend().device()));
  auto* next = static_cast<std::byte*>(holder.mutable_data_ptr());
  std::vector<LaidWindow> windows;
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < list.size(); ++i) {
    windows.push_back(
        sweep_.window(in, list.trials[i], list.row(i, 0), from.whole(), from.planes(next)));
    candidates.push_back({list.trials[i], to.whole(), to.planes(next)});
    next += program_.value(out).bytes();
  }
  sweep_.backend().lay(windows, from.channels);
  sweep_.emit(out, holder, candidates);
}

// The outputs of trials that reached them, whole, in one copy each.
void DeviceRunner::fetch_outputs() {
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    const model::ValueId id = program_.outputs[o];
    const WaveValue& value = program_.value(id);
    const WordShape shape = sweep_.shape(id);
    const std::vector<Row>& rows = sweep_.rows(id);
    const at::Tensor whole = at::empty(
        {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(value.elements)},
        at::TensorOptions().dtype(at::kFloat).device(sweep_.backend().device()));
    std::vector<LaidWindow> windows;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto* to = static_cast<const std::byte*>(whole.const_data_ptr()) + r * value.bytes();
      windows.push_back(
          sweep_.window(id, rows[r].trial, &rows[r], shape.whole(), shape.planes(to)));
    }
    sweep_.backend().lay(windows, shape.channels);
    outputs_[o].memory = whole.cpu();
    outputs_[o].rows = rows;
    auto* data = static_cast<std::byte*>(outputs_[o].memory.mutable_data_ptr());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      outputs_[o].rows[r].data = data + r * value.bytes();
    }
  }
}

void DeviceRunner::output(std::size_t output, std::uint32_t trial, const Row* row,
                          std::byte* to) const {
  const model::ValueId id = program_.outputs[output];
  const std::uint64_t bytes = program_.value(id).bytes();
  if (row != nullptr) {
    std::memcpy(to, row->data, bytes);
    return;
  }
  const at::Tensor golden = at::from_blob(
      sweep_.golden(id, trial).data, {static_cast<std::int64_t>(program_.value(id).elements)},
      at::TensorOptions().dtype(at::kFloat).device(sweep_.backend().device()));
  std::memcpy(to, golden.cpu().const_data_ptr(), bytes);
}

}  // namespace softbeam::run
