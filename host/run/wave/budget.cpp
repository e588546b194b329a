#include "host/run/wave/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "host/base/error.h"
#include "host/run/wave/conv_forms.h"
#include "host/run/wave/conv_plan.h"

namespace softbeam::run {
namespace {

std::uint64_t bytes_of(const WaveValue& value) { return value.per_sample ? value.bytes() : 0; }

}  // namespace

std::uint64_t golden_bytes(const Program& program) {
  std::uint64_t sum = 0;
  for (const WaveValue& value : program.values) {
    sum += value.kept ? value.bytes() : 0;
  }
  return sum;
}

std::uint64_t chunk_bytes(const Program& program) {
  // What a clean run has alive at its widest place, by the graph's own order.
  std::uint64_t live = bytes_of(program.value(program.graph->inputs.front().value));
  std::uint64_t peak = live;
  std::vector<std::vector<std::uint64_t>> dies(program.graph->nodes.size());
  for (const WaveValue& value : program.values) {
    if (value.per_sample && value.last_use != model::no_node) {
      dies[value.last_use.value].push_back(value.bytes());
    }
  }
  for (const model::Node& node : program.graph->nodes) {
    for (const model::ValueId output : node.outputs) {
      live += bytes_of(program.value(output));
    }
    peak = std::max(peak, live);
    for (const std::uint64_t bytes : dies[node.id.value]) {
      live -= std::min(live, bytes);
    }
  }
  return peak * static_cast<std::uint64_t>(program.profile->batch);
}

namespace {

// Chunks of dense rows, going in: memory that a worker keeps, of the widest step.
std::uint64_t dense_bytes(const Program& program) {
  std::vector<std::uint64_t> widest;
  for (const Step& step : program.steps) {
    widest.resize(std::max(widest.size(), step.inputs.size()));
    for (std::size_t i = 0; step.kind != StepKind::region && i < step.inputs.size(); ++i) {
      widest[i] = std::max(widest[i], program.value(step.inputs[i]).bytes());
    }
  }
  return std::accumulate(widest.begin(), widest.end(), std::uint64_t{0}) *
         static_cast<std::uint64_t>(program.profile->batch);
}

// What the proof of one layer holds.
std::uint64_t layer_proof_bytes(const Program& program) {
  std::uint64_t most = 0;
  for (const Convolution& convolution : program.convolutions) {
    most = std::max(most, proof_bytes(convolution));
  }
  return most;
}

// One region over a whole window; where differences die inside, golden beside it.
std::uint64_t region_bytes(const Program& program) {
  std::uint64_t most = 0;
  for (const Region& region : program.regions) {
    std::uint64_t words = 0;
    for (const std::int32_t channels : region.channels) {
      words += static_cast<std::uint64_t>(channels) * static_cast<std::uint64_t>(region.height) *
               static_cast<std::uint64_t>(region.width);
    }
    const std::uint64_t bytes = (words + words / 4) * sizeof(float);
    most = std::max(most, region.dead_ends ? 2 * bytes : bytes);
  }
  return most;
}

}  // namespace

std::uint64_t dense_proof_bytes(const Program& program) {
  return chunk_bytes(program) + dense_bytes(program) + layer_proof_bytes(program);
}

std::uint64_t worker_bytes(const Program& program) {
  std::uint64_t windows = 0;
  for (const Convolution& convolution : program.convolutions) {
    // Tensors of them, of the step and of its proofs.
    windows = std::max(windows, 2 * most_window_bytes(convolution));
  }
  return dense_bytes(program) + windows + region_bytes(program) + layer_proof_bytes(program);
}

WaveBudget share_memory(const Program& program, std::uint64_t memory, std::uint64_t samples,
                        std::uint64_t workers, std::uint64_t largest_trial) {
  const std::uint64_t sample = golden_bytes(program);
  const std::uint64_t chunks = workers * worker_bytes(program);
  // The allocator cannot use again all that is given back: it has an eighth for that.
  const std::uint64_t least = (sample + chunks + workers * largest_trial) / 7 * 8 + 8;
  const auto mib = [](std::uint64_t bytes) { return (bytes + (1U << 20) - 1) >> 20; };
  if (memory < least) {
    throw UsageError(fmt::format(
        "run.memory: {} MiB are too few: {} MiB are needed (golden's values of one sample {} MiB, "
        "chunks of {} samples and proofs on {} threads {} MiB, the rows of one trial on each {} "
        "MiB, and an eighth for what the allocator loses); raise it, lower run.threads or "
        "run.batch, or take run.mode: plain",
        memory >> 20, mib(least), mib(sample), program.profile->batch, workers, mib(chunks),
        mib(workers * largest_trial)));
  }
  // Proofs keep a sixteenth for the next ones. Of the rest rows get a quarter, at least one trial
  // each; golden the rest; what golden leaves goes to rows.
  WaveBudget budget;
  budget.proofs = (memory - least) / 16;
  const std::uint64_t free = memory - memory / 8 - chunks - budget.proofs;
  const std::uint64_t rows = std::max(workers * largest_trial, free / 4);
  budget.samples = sample == 0
                       ? samples
                       : std::min(samples, std::max<std::uint64_t>(
                                               1, (free - std::min(rows, free - sample)) / sample));
  budget.rows_per_worker = (free - budget.samples * sample) / workers;
  return budget;
}

}  // namespace softbeam::run
