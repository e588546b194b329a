// One wave in progress on a device: what Sweep is on a CPU, with rows in the device's memory and
// every act on many rows at once. The host knows of each row no more than where it is: which trial,
// which rectangle, which address.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "host/backend/backend.h"
#include "host/run/chunk.h"
#include "host/run/device/shape.h"
#include "host/run/wave/active_list.h"
#include "host/run/wave/golden_block.h"
#include "host/run/wave/program.h"
#include "host/run/wave/rows.h"
#include "host/run/wave/strikes.h"

namespace softbeam::run {

// A row that a step computed and that is still to be struck, compared and cut.
struct Candidate {
  std::uint32_t trial = 0;
  injectors::Rect rect;     // holds the pixels that the trial's fault strikes here
  injectors::Planes words;  // from the rectangle's first pixel on
};

class DeviceSweep {
 public:
  // All references must outlive the sweep.
  DeviceSweep(const Program& program, backend::Backend& backend);

  // Starts a wave. `chunk` holds its trials; all samples are in the block, both stay until the
  // wave's end. `zero_fault`: no row is dropped, and any difference is an error.
  void begin(const Chunk& chunk, const GoldenBlock& golden, std::vector<injectors::Effect>& effects,
             bool zero_fault);
  // Frees what the last wave left.
  void end();

  backend::Backend& backend() const { return backend_; }
  const Strikes& strikes() const { return strikes_; }
  WordShape shape(model::ValueId id) const { return WordShape(program_.value(id)); }

  // The trials with a live row at one of the step's inputs.
  const ActiveList& active(const Step& step);
  // Golden's sample of a trial.
  injectors::Planes golden(model::ValueId id, std::uint32_t trial) const;
  // `rect` of a value as a trial sees it, its row over golden, to be laid at `to`.
  injectors::LaidWindow window(model::ValueId id, std::uint32_t trial, const Row* row,
                               const injectors::Rect& rect, const injectors::Planes& to) const;
  // The smallest rectangle that holds `rect` and the pixels that the trial's fault strikes.
  injectors::Rect with_struck(model::ValueId id, std::uint32_t trial, injectors::Rect rect) const;

  // Hands back candidates of one value, which lie in the memory of `holder`, a tensor of the
  // value's type. They are struck, compared with golden, cut to their differences, kept or dropped.
  // Any order of trials; at most once per trial and value.
  void emit(model::ValueId id, const at::Tensor& holder, std::span<const Candidate> candidates);
  // True if candidates of clean trials are golden's words; any NaN equals any other.
  bool is_golden(model::ValueId id, std::span<const Candidate> clean) const;

  // Ends a step: trials that are struck at its outputs join, rows are sorted, dead values are
  // freed.
  void finish(const Step& step);

  const std::vector<Row>& rows(model::ValueId id) const { return rows_[id.value].rows; }
  std::optional<std::uint32_t> depth(std::uint32_t trial) const;
  // Bytes that rows held at most.
  std::size_t peak_row_bytes() const { return peak_; }

 private:
  // The rows of one value and what they lie in.
  struct Rows {
    std::vector<Row> rows;
    std::vector<at::Tensor> memory;
  };
  // Memory for candidates of these rectangles, one after the other.
  at::Tensor allocate(model::ValueId id, std::span<Candidate> candidates, Rows& owner);
  void strike(model::ValueId id, const at::Tensor& holder, std::span<const Candidate> candidates,
              std::span<const Strikable> strikes);
  std::uint64_t word_of(const WaveValue& value, const at::Tensor& holder,
                        const Candidate& candidate, std::uint64_t element) const;
  bool changed(std::span<const Strikable> own) const;
  std::vector<injectors::Rect> differences(model::ValueId id,
                                           std::span<const Candidate> candidates) const;
  bool same_but_for_nan(model::ValueId id, const Candidate& candidate) const;
  void keep(model::ValueId id, std::span<const Candidate> candidates);
  void join(model::ValueId id);
  void lay_private_rows(const Step& step);
  void note_death_at(model::NodeId node, std::uint32_t trial);
  void clear(Rows& rows);

  const Program& program_;
  backend::Backend& backend_;
  const Chunk* chunk_ = nullptr;
  const GoldenBlock* golden_ = nullptr;
  std::vector<injectors::Effect>* effects_ = nullptr;
  bool zero_fault_ = false;
  Strikes strikes_;
  std::vector<std::uint32_t> slots_;  // by trial
  std::vector<std::uint32_t> depth_;  // by trial: node + 1
  std::vector<Rows> rows_;            // by ValueId
  std::vector<Rows> private_;         // by input of the step; used where it is struck
  std::size_t held_ = 0;              // bytes of rows
  std::size_t peak_ = 0;
  std::vector<const std::vector<Row>*> lists_;
  ActiveMerge merge_;
  ActiveList active_;
  ActiveList none_;
};

}  // namespace softbeam::run
