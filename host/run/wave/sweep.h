// One wave in progress on one worker: the trials, their live rows, and what steps need to compute
// new ones. Steps ask who is active and hand back candidate rows; the sweep strikes, compares,
// trims and drops them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/run/chunk.h"
#include "host/run/wave/active_list.h"
#include "host/run/wave/counters.h"
#include "host/run/wave/golden_block.h"
#include "host/run/wave/program.h"
#include "host/run/wave/rows.h"
#include "host/run/wave/strikes.h"

namespace softbeam::run {

class Sweep {
 public:
  Sweep(const Program& program, const WaveSettings& settings, Counters& counters);

  // Starts a wave. `chunk` holds its trials; all samples are in the block, both stay until the
  // wave's end. `settings().keep_equal_rows` holds for this wave.
  void begin(const Chunk& chunk, const GoldenBlock& golden, std::vector<injectors::Effect>& effects,
             bool keep_equal_rows = false);

  const Program& program() const { return program_; }
  const WaveSettings& settings() const { return settings_; }
  const GoldenBlock& golden() const { return *golden_; }
  const Chunk& chunk() const { return *chunk_; }
  Counters& counters() { return counters_; }
  Strikes& strikes() { return strikes_; }

  // Slot of the trial's sample in the golden block.
  std::uint32_t slot(std::uint32_t trial) const { return slots_[trial]; }
  const float* golden_floats(model::ValueId id, std::uint32_t trial) const {
    return golden_->floats(id, slots_[trial]);
  }
  const std::byte* golden_row(model::ValueId id, std::uint32_t trial) const {
    return golden_->row(id, slots_[trial]);
  }

  // The trials with a live row at one of the step's inputs, but for those of struck().
  const ActiveList& active(const Step& step);
  // The trials whose fault strikes a parameter of the step; valid after active().
  const ActiveList& struck() const { return struck_; }

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
  // A difference that reaches no kept value, for the depth of death: in a value inside a region,
  // or in what one node alone reads.
  void note_difference(model::ValueId id, std::uint32_t trial) {
    note_death_at(program_.value(id).last_use, trial);
  }
  void note_death_at(model::NodeId node, std::uint32_t trial);
  // Throws NoWave: a row of a wave without faults differs from golden.
  [[noreturn]] void refuse_difference(model::ValueId id, std::uint32_t trial) const;
  // The same where a word in `box`, a part of `rect`, is not golden's; any NaN is any other.
  void refuse_difference(model::ValueId id, std::uint32_t trial, const injectors::Rect& rect,
                         const injectors::Rect& box, const float* data, std::ptrdiff_t line,
                         std::ptrdiff_t plane) const;

  // Ends a step: rows of trials that are struck at its outputs join, rows are sorted, dead values
  // are freed.
  void finish(const Step& step);

  // The live rows of a value, ascending by trial.
  const std::vector<Row>& rows(model::ValueId id) const { return rows_[id.value].rows; }
  // One trial's whole sample of a value: golden with the row (or nothing) laid over.
  void lay_over(model::ValueId id, std::uint32_t trial, const Row* row, std::byte* to) const;
  // The last node at which the trial still differed from golden; nothing if it never did.
  std::optional<std::uint32_t> depth(std::uint32_t trial) const;
  // Frees what the last wave left.
  void end();
  void limit_rows(std::size_t bytes) { pool_.limit(bytes); }
  std::size_t peak_row_bytes() const { return pool_.peak_bytes(); }

 private:
  void join(model::ValueId id);
  void start(model::ValueId id, const Strikable& strikable);
  void emit_struck(model::ValueId id, std::uint32_t trial, std::span<const Strikable> own,
                   const injectors::Rect& rect, const float* data, std::ptrdiff_t line,
                   std::ptrdiff_t plane);
  // [channels] x `rect` of golden with the row laid over.
  void copy_window(model::ValueId id, std::uint32_t trial, const Row* row,
                   const injectors::Rect& rect, std::byte* to) const;
  injectors::Rect pixel_of(const WaveValue& value, const Strikable& strikable) const;
  // Strikes the words of one trial in a window that holds all of them; true if one changed.
  bool strike(const WaveValue& value, std::span<const Strikable> own, const injectors::Rect& rect,
              std::byte* data);
  void settle(model::ValueId id, std::uint32_t trial, const injectors::Rect& rect,
              const float* data, std::ptrdiff_t line, std::ptrdiff_t plane);
  void settle_whole(model::ValueId id, std::uint32_t trial, const std::byte* data);
  void lay_private_rows(const Step& step);
  void find_struck(const Step& step);

  const Program& program_;
  WaveSettings settings_;
  Counters& counters_;
  const Chunk* chunk_ = nullptr;
  const GoldenBlock* golden_ = nullptr;
  Strikes strikes_;
  std::vector<std::uint32_t> slots_;  // by trial
  std::vector<std::uint32_t> depth_;  // by trial: node + 1
  std::vector<RowSet> rows_;          // by ValueId
  RowPool pool_;
  RowSet private_memory_;
  std::vector<std::vector<Row>> private_rows_;  // by input of the step; used where it is struck
  std::vector<const std::vector<Row>*> lists_;
  ActiveMerge merge_;
  ActiveList active_;
  ActiveList struck_;
  std::vector<std::uint32_t> struck_trials_;
  std::vector<std::byte> scratch_;
};

}  // namespace softbeam::run
