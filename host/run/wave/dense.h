// Whole rows through any operator: chunks of a fixed number of rows, laid out as golden's were, so
// that the library computes the same bits. What every other form falls back to.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "host/run/inject.h"
#include "host/run/wave/node_call.h"
#include "host/run/wave/sweep.h"

namespace softbeam::run {

// Which numbers of rows give golden's bits, by step. Proved on first use, shared by all workers.
class DenseProofs {
 public:
  explicit DenseProofs(std::size_t steps);

  enum class State : std::uint8_t { unknown, exact, inexact };
  static constexpr std::array<std::int64_t, 9> ladder{1, 2, 4, 8, 16, 32, 64, 128, 256};

  State state(std::size_t step, std::size_t rung) const { return states_[step][rung]; }
  void set(std::size_t step, std::size_t rung, State state) { states_[step][rung] = state; }
  // One proof of a step at a time.
  std::mutex& guard(std::size_t step) { return guards_[step]; }

 private:
  std::vector<std::array<std::atomic<State>, ladder.size()>> states_;
  std::vector<std::mutex> guards_;
};

// One worker's.
class DenseRunner {
 public:
  // All references must outlive the runner.
  DenseRunner(const Program& program, execute::Executor& executor, DenseProofs& proofs);

  // Computes the trials `which` (indices into `list`) of one step and hands their rows to the
  // sweep. One row of each chunk stays golden; throws RunError if its result does not.
  void run(Sweep& sweep, std::size_t step, const ActiveList& list,
           std::span<const std::uint32_t> which);
  // The trials of sweep.struck(), each with its fault in the step's parameters. `few` computes a
  // trial in a cheaper way, with the parameters struck, or says that it cannot.
  using Few = std::function<bool(std::size_t i)>;
  void run_struck(Sweep& sweep, std::size_t step, const Few& few);

  // True if whole rows, laid out by us, give golden's bits. Every other form rests on this.
  bool reproduces_golden(std::size_t step, const GoldenBlock& golden);

  // Calls the step on chunks of any exact number of rows; its per-sample outputs as
  // [rows, elements]. Throws NoWave where an output has other sizes than golden's.
  std::vector<at::Tensor> call(std::size_t step, std::span<const at::Tensor> inputs);

  // Chunks of golden rows, from the block's first slot on; valid until the next call.
  std::vector<at::Tensor> golden_inputs(std::size_t step, std::int64_t rows,
                                        const GoldenBlock& golden);

 private:
  at::Tensor& buffer(std::size_t step, std::size_t input, std::int64_t rows);
  void fill(model::ValueId id, at::Tensor& chunk, std::int64_t row, const std::byte* data);
  std::int64_t choose_rows(std::size_t step, std::size_t wanted, const GoldenBlock& golden,
                           Counters& counters, bool may_prove = true);
  bool fits_in_memory(std::size_t step, std::int64_t rows) const;
  bool gives_golden(std::size_t step, std::int64_t rows, const GoldenBlock& golden);
  bool prove(std::size_t step, std::int64_t rows, const GoldenBlock& golden);
  // The first `rows` of the inputs at once give what they give in chunks of the campaign's shape.
  bool agrees_with_batches(std::size_t step, std::int64_t rows, std::span<const at::Tensor> inputs);
  bool any_batch(std::size_t step) const;
  void run_chunk(Sweep& sweep, std::size_t step, const ActiveList& list,
                 std::span<const std::uint32_t> which, std::int64_t rows, bool sentinel);
  void strike_parameter(Sweep& sweep, ParameterGuard& guard, model::NodeId reader,
                        model::ValueId parameter, const ActiveList& list,
                        std::span<const std::uint32_t> which);
  at::Tensor rows_of_result(model::ValueId id, const at::Tensor& result, std::int64_t rows) const;
  std::int64_t rows_of(model::ValueId id, const at::Tensor& chunk) const;
  execute::BatchLayout layout(model::ValueId id, std::int64_t rows) const;

  const Program& program_;
  execute::Executor& executor_;
  DenseProofs& proofs_;
  const std::uint64_t most_proof_bytes_;
  std::vector<std::vector<NodeCall>> calls_;    // by step
  std::vector<std::vector<std::byte>> memory_;  // by input of the step in progress
  std::vector<at::Tensor> chunk_;
};

}  // namespace softbeam::run
