// Faults in the weights of a convolution, cheaply: a struck weight changes one output channel, so
// only the block of filters around it is computed. The block's other channels must come out as
// golden, in every call.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/run/wave/dense.h"

namespace softbeam::run {

// Whether blocks of filters give the bits of the whole layer, by step. Shared by all workers.
class FilterProofs {
 public:
  explicit FilterProofs(std::size_t steps) : states_(steps), guards_(steps) {}

  enum class State : std::uint8_t { unknown, single, pair, inexact };  // images in a call
  std::atomic<State>& state(std::size_t step) { return states_[step]; }
  std::mutex& guard(std::size_t step) { return guards_[step]; }
  // From now on the step computes whole rows.
  void switch_off(std::size_t step, std::string why);
  // By step, in the order in which they were switched off.
  std::vector<std::pair<std::size_t, std::string>> switched_off() const;

 private:
  std::vector<std::atomic<State>> states_;
  std::vector<std::mutex> guards_;
  mutable std::mutex mutex_;
  std::vector<std::pair<std::size_t, std::string>> off_;
};

class StruckFilters {
 public:
  static constexpr std::int64_t block = 16;  // filters in a call: one vector of AVX-512

  // All references must outlive it.
  StruckFilters(const Program& program, execute::Executor& executor, DenseRunner& dense,
                FilterProofs& proofs)
      : program_(program), executor_(executor), dense_(dense), proofs_(proofs) {}

  // Proves the step's blocks on its first call, while nothing is struck; the images that a call
  // takes, 0 where blocks are not exact.
  std::int64_t prepare(Sweep& sweep, std::size_t step);

  // The first filter of the block that holds all words of the fault; nothing where they lie in
  // several. The trial strikes the step's parameters, and the step is prepared.
  std::optional<std::int64_t> block_of(Sweep& sweep, std::size_t step, std::uint32_t trial);

  // Computes the trial, whose input is golden's, with the step's parameters as they are now
  // (struck) and hands its row to the sweep. False where a struck filter is not finite, and where
  // a channel of another filter differs from golden: blocks are then switched off for this step.
  bool run(Sweep& sweep, std::size_t step, std::int64_t images, std::int64_t first_filter,
           std::uint32_t trial);

 private:
  using State = FilterProofs::State;
  bool fits(const Step& step) const;
  void find_struck(Sweep& sweep, const Step& step, std::uint32_t trial);
  State prove(std::size_t step, const GoldenBlock& golden);
  bool gives_whole(std::size_t step, std::int64_t images, const GoldenBlock& golden);
  // [images, block, height, width]; `image` repeated.
  at::Tensor call(const Step& step, std::int64_t first_filter, const at::Tensor& image,
                  std::int64_t images) const;
  const at::Tensor& stored(const Step& step, std::uint32_t slot) const;

  const Program& program_;
  execute::Executor& executor_;
  DenseRunner& dense_;
  FilterProofs& proofs_;
  std::vector<std::int64_t> struck_;  // filters of the trial in hand, ascending
  std::vector<float> row_;
};

}  // namespace softbeam::run
