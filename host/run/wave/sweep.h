// One wave in progress on one worker: the trials, their live rows, and what steps need to compute
// new ones. Steps ask who is active and hand back candidate rows; the sweep strikes, compares,
// trims and drops them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/run/chunk.h"
#include "host/run/wave/counters.h"
#include "host/run/wave/golden_block.h"
#include "host/run/wave/program.h"
#include "host/run/wave/rows.h"
#include "host/run/wave/strikes.h"

namespace softbeam::run {

// The trials that reach one step, ascending, and their rows at its inputs.
struct ActiveList {
  std::size_t inputs = 0;              // of the step
  std::vector<std::uint32_t> trials;   // index within the wave
  std::vector<const Row*> rows;        // [trial][input]; null: golden's
  const Row* row(std::size_t i, std::size_t input) const { return rows[i * inputs + input]; }
  std::size_t size() const { return trials.size(); }
};

class Sweep {
 public:
  Sweep(const Program& program, const WaveSettings& settings, Counters& counters);

  // Starts a wave. `chunk` holds its trials; all samples are in the block.
  void begin(const Chunk& chunk, const GoldenBlock& golden,
             std::vector<injectors::Effect>& effects);

  const Program& program() const { return program_; }
  const WaveSettings& settings() const { return settings_; }
  const GoldenBlock& golden() const { return *golden_; }
  Counters& counters() { return counters_; }
  Strikes& strikes() { return strikes_; }

  // Slot of the trial's sample in the golden block.
  std::uint32_t slot(std::uint32_t trial) const { return slots_[trial]; }
  const float* golden_floats(model::ValueId id, std::uint32_t trial) const {
    return golden_->floats(id, slots_[trial]);
  }

  // The trials with a live row at one of the step's inputs.
  const ActiveList& active(const Step& step);

  // Hands back a trial's candidate row of one of the step's outputs: [channels][height][width] of
  // `rect`, lines and planes so many elements apart. It is struck if the trial's fault says so,
  // compared with golden, cut to its differences, kept or dropped. Any order of trials; at most
  // once per trial and value.
  void emit(model::ValueId id, std::uint32_t trial, const injectors::Rect& rect, const float* data,
            std::ptrdiff_t line, std::ptrdiff_t plane);
  // The same for a whole row of any type, contiguous.
  void emit_whole(model::ValueId id, std::uint32_t trial, const std::byte* data);
  // For a caller that knows where the row differs and has struck it already: keeps [channels] x
  // `rect` of the candidate as it is; an empty rect drops it.
  void keep(model::ValueId id, std::uint32_t trial, const injectors::Rect& rect, const float* data,
            std::ptrdiff_t line, std::ptrdiff_t plane);
  // A difference inside a region that reaches no exported value: for the depth of death.
  void note_difference(model::ValueId id, std::uint32_t trial);

  // Ends a step: rows of trials that are struck at its outputs join, rows are sorted, dead values
  // are freed.
  void finish(const Step& step);

  // After the last step: the trial's row of an output; null where it equals golden's.
  const Row* output(std::size_t output, std::uint32_t trial) const;
  // The node at which the trial's last difference died; nothing if it never differed.
  std::optional<std::uint32_t> depth(std::uint32_t trial) const;

 private:
  void join(model::ValueId id);
  void add(model::ValueId id, const Row& row);

  const Program& program_;
  const WaveSettings& settings_;
  Counters& counters_;
  const Chunk* chunk_ = nullptr;
  const GoldenBlock* golden_ = nullptr;
  Strikes strikes_;
  std::vector<std::uint32_t> slots_;      // by trial
  std::vector<std::uint32_t> slot_of_;    // by sample
  std::vector<std::uint32_t> depth_;      // by trial: node + 1
  std::vector<RowSet> rows_;              // by ValueId
  RowPool pool_;
  ActiveList active_;
  std::vector<std::byte> scratch_;
};

}  // namespace softbeam::run
