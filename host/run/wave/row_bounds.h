// The most memory that the rows of one fault can take, known before it runs: its windows are
// followed through the graph as if no difference ever died. What groups of trials are cut by.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/run/wave/program.h"
#include "injectors/corruption.h"

namespace softbeam::run {

// One worker's; the program must outlive it.
class RowBounds {
 public:
  explicit RowBounds(const Program& program);

  // Of a fault: all of its corruptions at their own places, what they have in common united.
  std::uint64_t bytes(std::span<const injectors::Corruption> corruptions);
  // Of any fault: whole rows of everything.
  std::uint64_t largest() const;

 private:
  struct Strike {
    std::uint32_t when = 0;  // 0: the model's input; 2s + 1: an input of step s; 2s + 2: behind it
    model::ValueId value;    // the model's input, or the one whose slot is struck
    injectors::Rect rect;    // empty: whole rows
  };
  void find_strikes(std::span<const injectors::Corruption> corruptions);
  std::size_t read_through(const Step& step, std::uint32_t slot) const;
  injectors::Rect whole(model::ValueId id) const;
  injectors::Rect moved(const Step& step, model::ValueId output, const injectors::Rect& in) const;
  void add(model::ValueId id, const injectors::Rect& rect);
  void drop(model::ValueId id);
  std::uint64_t bytes_of(model::ValueId id, const injectors::Rect& rect) const;
  void run_step(std::uint32_t step);
  void strike_behind(const Step& step, const Strike& strike);

  const Program& program_;
  std::vector<std::uint32_t> step_of_value_;  // that makes it, inside of a region too
  std::vector<std::uint32_t> step_of_node_;
  std::vector<std::vector<std::uint32_t>> readers_;  // by ValueId of a parameter: steps

  std::vector<Strike> strikes_;  // of the fault in hand, ascending
  std::size_t next_ = 0;
  std::vector<injectors::Rect> rects_;  // by ValueId; empty: golden
  std::uint64_t live_ = 0;
  std::uint64_t peak_ = 0;
};

}  // namespace softbeam::run
