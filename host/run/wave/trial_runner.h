// What takes a group of trials through the whole program: one of the CPU's workers (WaveRunner), or
// a device (device/DeviceRunner). The campaign does not know which.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/run/chunk.h"
#include "host/run/wave/counters.h"
#include "host/run/wave/golden_block.h"
#include "host/run/wave/rows.h"
#include "host/run/wave/switched_off.h"

namespace softbeam::run {

class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  // Memory that rows of earlier waves leave behind goes back before more than this is held.
  virtual void limit_rows(std::size_t bytes) = 0;
  // Proves the forms of one step ahead of the first wave.
  virtual void prepare(std::size_t step, const GoldenBlock& golden) = 0;
  // True if whole rows of this step, laid out anew, give golden's bits.
  virtual bool reproduces_golden(std::size_t step, const GoldenBlock& golden) = 0;

  // Runs the chunk's trials, of any number and any order; none strikes one of the program's
  // plain_parameters. Fills `effects` in the chunk's order. Throws RunError when an injection did
  // not do what was planned or a clean row does not come back clean.
  // `zero_fault`: no row is dropped, and any difference from golden is an error.
  virtual void run(const Chunk& chunk, const GoldenBlock& golden,
                   std::vector<injectors::Effect>& effects, bool zero_fault) = 0;
  void run(const Chunk& chunk, const GoldenBlock& golden, std::vector<injectors::Effect>& effects) {
    run(chunk, golden, effects, false);
  }

  // The last wave's rows of an output, ascending by trial; trials without one equal golden.
  virtual const std::vector<Row>& rows(std::size_t output) const = 0;
  // The whole output of a trial.
  virtual void output(std::size_t output, std::uint32_t trial, const Row* row,
                      std::byte* to) const = 0;
  // The last node at which the trial still differed from golden; nothing if it never did.
  virtual std::optional<std::uint32_t> depth(std::uint32_t trial) const = 0;

  virtual const Counters& counters() const = 0;
  // Forms that were not exact here, of all runners of the campaign.
  virtual std::vector<SwitchedOff> switched_off() const = 0;
};

}  // namespace softbeam::run
