#include "host/run/wave/dense.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "host/base/error.h"
#include "host/execute/storage.h"
#include "host/run/inject.h"
#include "host/run/wave/budget.h"
#include "host/run/wave/hostile.h"
#include "host/run/wave/no_wave.h"
#include "host/run/wave/same_rows.h"

namespace softbeam::run {
namespace {

constexpr auto& ladder = DenseProofs::ladder;

const std::byte* row_of(const at::Tensor& rows, std::int64_t row, std::uint64_t bytes) {
  return static_cast<const std::byte*>(rows.const_data_ptr()) +
         static_cast<std::uint64_t>(row) * bytes;
}

}  // namespace

DenseProofs::DenseProofs(std::size_t steps) : states_(steps), guards_(steps) {
  for (auto& row : states_) {
    for (auto& state : row) state = State::unknown;
  }
}

DenseRunner::DenseRunner(const Program& program, execute::Executor& executor, DenseProofs& proofs)
    : program_(program),
      executor_(executor),
      proofs_(proofs),
      most_proof_bytes_(dense_proof_bytes(program)) {
  for (const Step& step : program.steps) {
    calls_.emplace_back();
    if (step.kind == StepKind::region) {
      continue;
    }
    for (const model::NodeId node : step.nodes) {
      calls_.back().emplace_back(*program.graph, program.captured, executor, node);
    }
  }
}

execute::BatchLayout DenseRunner::layout(model::ValueId id, std::int64_t rows) const {
  execute::BatchLayout layout = program_.value(id).layout;
  layout.batch = rows;
  return layout;
}

// A chunk of golden's own sizes and strides; of other sizes where the samples are simply in a row.
at::Tensor& DenseRunner::buffer(std::size_t step, std::size_t input, std::int64_t rows) {
  const model::ValueId id = program_.steps[step].inputs[input];
  const SeenValue& seen = program_.captured.values[id.value];
  std::vector<std::int64_t> sizes = seen.sizes;
  if (program_.value(id).layout.dim >= 0) {
    sizes[static_cast<std::size_t>(program_.value(id).layout.dim)] =
        rows * program_.value(id).layout.per_sample;
  }
  const auto options = at::TensorOptions().dtype(seen.type);
  if (chunk_.size() <= input) {
    chunk_.resize(input + 1);
    memory_.resize(input + 1);
  }
  if (program_.value(id).contiguous) {
    const std::uint64_t bytes = program_.value(id).bytes() * static_cast<std::uint64_t>(rows) + 64;
    if (memory_[input].size() < bytes) memory_[input].resize(bytes);
    auto* start = memory_[input].data();
    start += (64 - reinterpret_cast<std::uintptr_t>(start) % 64) % 64;
    // Strides of dimensions of size 1 too: the library chooses its kernel by them.
    chunk_[input] = at::from_blob(start, sizes, seen.strides, options);
  } else {
    chunk_[input] = at::empty_strided(sizes, seen.strides, options);
    if (execute::overlaps_itself(chunk_[input])) {
      chunk_[input] = at::empty(sizes, options);
    }
  }
  return chunk_[input];
}

void DenseRunner::fill(model::ValueId id, at::Tensor& chunk, std::int64_t row,
                       const std::byte* data) {
  const WaveValue& value = program_.value(id);
  if (value.contiguous) {
    std::memcpy(static_cast<std::byte*>(chunk.mutable_data_ptr()) +
                    static_cast<std::uint64_t>(row) * value.bytes(),
                data, value.bytes());
    return;
  }
  const at::Tensor to = execute::by_sample(chunk, value.layout).select(0, row);
  to.copy_(at::from_blob(const_cast<std::byte*>(data), to.sizes(), to.options()));
}

std::vector<at::Tensor> DenseRunner::call(std::size_t step, std::span<const at::Tensor> inputs) {
  std::vector<c10::IValue> values(inputs.begin(), inputs.end());
  for (const NodeCall& node : calls_[step]) {
    values = node(values);  // a list and the node that takes it apart
  }
  std::vector<at::Tensor> outputs;
  const Step& done = program_.steps[step];
  const model::Node& last = program_.graph->node(done.nodes.back());
  for (std::size_t o = 0; o < last.outputs.size(); ++o) {
    if (program_.value(last.outputs[o]).per_sample) {
      const std::int64_t rows =
          done.inputs.empty() ? program_.profile->batch : rows_of(done.inputs[0], inputs[0]);
      outputs.push_back(rows_of_result(last.outputs[o], values[o].toTensor(), rows));
    }
  }
  return outputs;
}

// As many words as golden has: sizes may depend on what the operator reads.
at::Tensor DenseRunner::rows_of_result(model::ValueId id, const at::Tensor& result,
                                       std::int64_t rows) const {
  const auto words = static_cast<std::int64_t>(program_.value(id).elements) * rows;
  if (result.numel() != words || result.scalar_type() != program_.captured.values[id.value].type ||
      !execute::fits(layout(id, rows), result.sizes())) {
    throw NoWave(fmt::format("'{}' has other sizes for other data or numbers of rows",
                             program_.graph->value(id).name));
  }
  return execute::rows(result, layout(id, rows));
}

std::int64_t DenseRunner::rows_of(model::ValueId id, const at::Tensor& chunk) const {
  const execute::BatchLayout& layout = program_.value(id).layout;
  return layout.dim < 0 ? 1 : chunk.size(layout.dim) / layout.per_sample;
}

bool DenseRunner::any_batch(std::size_t step) const {
  const Step& s = program_.steps[step];
  const auto contiguous = [&](model::ValueId id) { return program_.value(id).contiguous; };
  return std::all_of(s.inputs.begin(), s.inputs.end(), contiguous) &&
         std::all_of(s.outputs.begin(), s.outputs.end(), contiguous) &&
         std::all_of(calls_[step].begin(), calls_[step].end(),
                     [](const NodeCall& call) { return call.any_batch(); });
}

bool DenseRunner::reproduces_golden(std::size_t step, const GoldenBlock& golden) {
  return gives_golden(step, program_.profile->batch, golden);
}

// Rows of golden, from the first slot on, at this number of rows.
std::vector<at::Tensor> DenseRunner::golden_inputs(std::size_t step, std::int64_t rows,
                                                   const GoldenBlock& golden) {
  std::vector<at::Tensor> inputs;
  for (std::size_t i = 0; i < program_.steps[step].inputs.size(); ++i) {
    const model::ValueId id = program_.steps[step].inputs[i];
    at::Tensor& chunk = buffer(step, i, rows);
    for (std::int64_t r = 0; r < rows; ++r) {
      fill(id, chunk, r, golden.row(id, static_cast<std::uint32_t>(r % golden.size())));
    }
    inputs.push_back(chunk);
  }
  return inputs;
}

bool DenseRunner::gives_golden(std::size_t step, std::int64_t rows, const GoldenBlock& golden) {
  const Step& s = program_.steps[step];
  const std::vector<at::Tensor> outputs = call(step, golden_inputs(step, rows, golden));
  for (std::size_t o = 0; o < s.outputs.size(); ++o) {
    const WaveValue& value = program_.value(s.outputs[o]);
    for (std::int64_t r = 0; r < rows; ++r) {
      const auto slot = static_cast<std::uint32_t>(r % golden.size());
      if (!same_rows(value, row_of(outputs[o], r, value.bytes()), golden.row(s.outputs[o], slot))) {
        return false;
      }
    }
  }
  return true;
}

// Golden rows against golden; then, against the campaign's own number of rows, rows near golden
// until enough words were compared (kernels that differ do so in some words only, and the vector's
// tail has few), and hostile rows.
bool DenseRunner::prove(std::size_t step, std::int64_t rows, const GoldenBlock& golden) {
  constexpr std::uint64_t enough_words = 20'000;
  constexpr std::uint64_t most_rounds = 48;
  // What does not fill two vectors at a tensor's end may be rounded otherwise, in few of its words.
  constexpr std::uint64_t two_vectors = 64;
  std::uint64_t words = UINT64_MAX;
  bool vectors = true;
  for (const model::ValueId output : program_.steps[step].outputs) {
    const std::uint64_t own = program_.value(output).elements * static_cast<std::uint64_t>(rows);
    words = std::min(words, own);
    vectors = vectors && own % two_vectors == 0;
  }
  if (!vectors || words * most_rounds < enough_words) {
    return false;  // the campaign's own number of rows costs little
  }
  const std::uint64_t rounds = std::clamp<std::uint64_t>(enough_words / words, 1, most_rounds);
  try {
    if (!gives_golden(step, rows, golden)) {
      return false;
    }
    for (std::uint64_t round = 0; round <= rounds; ++round) {
      const std::int64_t batch = program_.profile->batch;
      const std::int64_t total = (rows + batch - 1) / batch * batch;
      std::vector<at::Tensor> inputs;
      for (at::Tensor& chunk : golden_inputs(step, total, golden)) {
        inputs.push_back(chunk.clone());
        if (chunk.scalar_type() == at::kFloat) {
          const std::uint64_t seed = (step + 1) * 1000 + round * 10 + inputs.size();
          round == rounds ? plant_hostile(inputs.back(), seed) : jitter(inputs.back(), seed);
        }
      }
      if (!agrees_with_batches(step, rows, inputs)) {
        return false;
      }
    }
  } catch (const std::exception&) {
    return false;  // the operator takes the campaign's batch alone
  }
  return true;
}

bool DenseRunner::agrees_with_batches(std::size_t step, std::int64_t rows,
                                      std::span<const at::Tensor> inputs) {
  // In-place operators write to what they are given: every call gets a copy.
  const auto part = [&](std::int64_t first, std::int64_t count) {
    std::vector<at::Tensor> some;
    for (const at::Tensor& all : inputs) {
      const at::Tensor chosen = all.narrow(0, first, count);
      some.push_back(at::empty_strided(chosen.sizes(), all.strides(), all.options()));
      some.back().copy_(chosen);
    }
    return call(step, some);
  };
  const std::int64_t batch = program_.profile->batch;
  const Step& s = program_.steps[step];
  const std::vector<at::Tensor> found = part(0, rows);
  for (std::int64_t first = 0; first < rows; first += batch) {
    const std::vector<at::Tensor> expected = part(first, batch);
    for (std::size_t o = 0; o < s.outputs.size(); ++o) {
      const WaveValue& value = program_.value(s.outputs[o]);
      if (!same_rows(value, row_of(expected[o], 0, value.bytes()),
                     row_of(found[o], first, value.bytes()),
                     static_cast<std::uint64_t>(std::min(rows - first, batch)))) {
        return false;
      }
    }
  }
  return true;
}

// A proof has three copies of the inputs and two of the outputs, in whole chunks of the campaign's.
bool DenseRunner::fits_in_memory(std::size_t step, std::int64_t rows) const {
  const Step& s = program_.steps[step];
  std::uint64_t bytes = 0;
  for (const model::ValueId input : s.inputs) bytes += 3 * program_.value(input).bytes();
  for (const model::ValueId output : s.outputs) bytes += 2 * program_.value(output).bytes();
  const std::int64_t batch = program_.profile->batch;
  const auto total = static_cast<std::uint64_t>((rows + batch - 1) / batch * batch);
  return total * bytes <= most_proof_bytes_;
}

std::int64_t DenseRunner::choose_rows(std::size_t step, std::size_t wanted,
                                      const GoldenBlock& golden, Counters& counters,
                                      bool may_prove) {
  const std::int64_t batch = program_.profile->batch;
  if (static_cast<std::int64_t>(wanted) == batch || !any_batch(step)) {
    return batch;
  }
  // The smallest number that holds them all; the largest proved one where none does.
  std::int64_t best = batch;
  for (std::size_t rung = 0; rung < ladder.size(); ++rung) {
    const std::int64_t rows = ladder[rung];
    const bool holds = rows >= static_cast<std::int64_t>(wanted);
    const bool better = holds ? (best < static_cast<std::int64_t>(wanted) || rows < best)
                              : (best < static_cast<std::int64_t>(wanted) && rows > best);
    // Larger calls save a sentinel in a few rows; beyond that they pay for linear layers alone.
    const StepKind kind = program_.steps[step].kind;
    const bool pays =
        rows <= 16 || ((kind == StepKind::dense || kind == StepKind::linear) && rows <= 64);
    if (!better || rows == batch || (rows > batch && !pays) || !fits_in_memory(step, rows)) {
      continue;
    }
    if (may_prove && proofs_.state(step, rung) == DenseProofs::State::unknown) {
      const Timed timed(counters, Work::proof);
      const std::lock_guard lock(proofs_.guard(step));
      if (proofs_.state(step, rung) == DenseProofs::State::unknown) {
        proofs_.set(
            step, rung,
            prove(step, rows, golden) ? DenseProofs::State::exact : DenseProofs::State::inexact);
      }
    }
    if (proofs_.state(step, rung) == DenseProofs::State::exact) {
      best = rows;
    }
  }
  return best;
}

void DenseRunner::run(Sweep& sweep, std::size_t step, const ActiveList& list,
                      std::span<const std::uint32_t> which) {
  while (!which.empty()) {
    const std::int64_t batch = program_.profile->batch;
    // A batch of one leaves no room for a sentinel.
    const bool sentinel = batch > 1;
    // What other numbers of rows save at a convolution does not pay for their proofs.
    const bool large = program_.steps[step].kind == StepKind::convolution && batch >= 16;
    const bool as_golden = large || batch == 1;
    const std::int64_t rows =
        as_golden ? batch : choose_rows(step, which.size() + 1, sweep.golden(), sweep.counters());
    const std::size_t count =
        std::min(which.size(), static_cast<std::size_t>(rows - (sentinel ? 1 : 0)));
    run_chunk(sweep, step, list, which.first(count), rows, sentinel);
    which = which.subspan(count);
  }
}

void DenseRunner::run_chunk(Sweep& sweep, std::size_t step, const ActiveList& list,
                            std::span<const std::uint32_t> which, std::int64_t rows,
                            bool sentinel) {
  const Step& s = program_.steps[step];
  const Work work = s.kind == StepKind::convolution ? Work::convolution : Work::dense;
  const std::uint32_t watch = sweep.slot(list.trials[which.front()]);
  std::vector<at::Tensor> outputs;
  {
    const Timed timed(sweep.counters(), work);
    std::vector<at::Tensor> inputs;
    for (std::size_t i = 0; i < s.inputs.size(); ++i) {
      const model::ValueId id = s.inputs[i];
      const WaveValue& value = program_.value(id);
      at::Tensor& chunk = buffer(step, i, rows);
      for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
        if (r >= which.size()) {
          fill(id, chunk, static_cast<std::int64_t>(r), sweep.golden().row(id, watch));
          continue;
        }
        const std::uint32_t trial = list.trials[which[r]];
        const Row* row = list.row(which[r], i);
        if (value.contiguous) {
          sweep.lay_over(id, trial, row,
                         static_cast<std::byte*>(chunk.mutable_data_ptr()) + r * value.bytes());
        } else {
          fill(id, chunk, static_cast<std::int64_t>(r),
               row != nullptr ? row->data : sweep.golden_row(id, trial));
        }
      }
      inputs.push_back(chunk);
    }
    outputs = call(step, inputs);
  }
  sweep.counters().macs += s.macs * static_cast<std::uint64_t>(rows);
  const Timed timed(sweep.counters(), Work::emit);
  for (std::size_t o = 0; o < s.outputs.size(); ++o) {
    const std::uint64_t bytes = program_.value(s.outputs[o]).bytes();
    const auto* data = static_cast<const std::byte*>(outputs[o].const_data_ptr());
    for (std::size_t r = 0; r < which.size(); ++r) {
      sweep.emit_whole(s.outputs[o], list.trials[which[r]], data + r * bytes);
    }
    if (sentinel && !same_rows(program_.value(s.outputs[o]),
                               data + (static_cast<std::uint64_t>(rows) - 1) * bytes,
                               sweep.golden().row(s.outputs[o], watch))) {
      throw RunError(fmt::format(
          "a clean row among faulty ones differs from golden at {} ({} whole rows): this machine "
          "or the library does not compute the same twice; nothing of this wave was recorded",
          model::describe(program_.graph->node(s.nodes.front())), rows));
    }
  }
}

void DenseRunner::run_struck(Sweep& sweep, std::size_t step, const Few& few) {
  const Step& s = program_.steps[step];
  const ActiveList& list = sweep.struck();
  std::vector<std::uint32_t> order(list.size());
  std::iota(order.begin(), order.end(), 0);
  const auto fault = [&](std::uint32_t i) { return sweep.chunk().trials[list.trials[i]].fault; };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return fault(a) < fault(b); });
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    while (last < order.size() && fault(order[last]) == fault(order[first])) ++last;
    const std::span which(order.data() + first, last - first);
    // Numbers of rows are proved while nothing is struck; then only what is known is chosen.
    choose_rows(step, which.size(), sweep.golden(), sweep.counters());
    ParameterGuard guard(executor_.backend());
    for (const model::ValueId parameter : s.parameters) {
      strike_parameter(sweep, guard, s.nodes.back(), parameter, list, which);
    }
    const auto whole =
        std::stable_partition(which.begin(), which.end(), [&](std::uint32_t i) { return few(i); });
    for (std::span rest(whole, which.end()); !rest.empty();) {
      const std::int64_t rows = choose_rows(step, rest.size(), sweep.golden(), sweep.counters(),
                                            /*may_prove=*/false);
      const std::size_t count = std::min(rest.size(), static_cast<std::size_t>(rows));
      run_chunk(sweep, step, list, rest.first(count), rows, /*sentinel=*/false);
      rest = rest.subspan(count);
    }
    guard.restore();
    first = last;
  }
}

// All trials of a fault see the same words change.
void DenseRunner::strike_parameter(Sweep& sweep, ParameterGuard& guard, model::NodeId reader,
                                   model::ValueId parameter, const ActiveList& list,
                                   std::span<const std::uint32_t> which) {
  const auto all = sweep.strikes().at_parameter(parameter);
  const at::Tensor& tensor = executor_.parameter(parameter);
  std::vector<injectors::Effect> effects;
  for (const std::uint32_t i : which) {
    const std::uint32_t trial = list.trials[i];
    const auto own = of_trial(all, trial);
    for (std::size_t nth = 0; nth < own.size(); ++nth) {
      if (nth == effects.size()) {
        const injectors::Corruption& c = sweep.strikes().corruption(own[nth]);
        const execute::Site& site = program_.profile->site(c.site);
        effects.push_back(guard.strike(
            tensor, site.dtype, site.name,
            {execute::word_offset(tensor.sizes(), tensor.strides(), c.element), c.masks}));
      }
      sweep.strikes().record(own[nth], effects[nth]);
      if (effects[nth].before != effects[nth].after) {
        sweep.note_death_at(reader, trial);
      }
    }
  }
}

}  // namespace softbeam::run
