// Takes groups of trials through the whole program on one device: golden, rows, windows and their
// comparison stay in its memory; the host plans, and reads back one rectangle a row and step.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "host/run/device/device_sweep.h"
#include "host/run/device/window_proofs.h"
#include "host/run/device/window_step.h"
#include "host/run/wave/trial_runner.h"

namespace softbeam::run {

class DeviceRunner final : public TrialRunner {
 public:
  // All references must outlive the runner. Elementwise nodes are regions of one node each. Throws
  // NoWave for a value whose rows are no whole 32-bit words.
  DeviceRunner(const Program& program, const WaveSettings& settings, execute::Executor& executor,
               WindowProofs& proofs);

  using TrialRunner::run;
  // The library's allocator keeps what rows leave behind.
  void limit_rows(std::size_t /*bytes*/) override {}
  void prepare(std::size_t step, const GoldenBlock& golden) override;
  bool reproduces_golden(std::size_t step, const GoldenBlock& golden) override;
  void run(const Chunk& chunk, const GoldenBlock& golden, std::vector<injectors::Effect>& effects,
           bool zero_fault) override;
  const std::vector<Row>& rows(std::size_t output) const override { return outputs_[output].rows; }
  void output(std::size_t output, std::uint32_t trial, const Row* row,
              std::byte* to) const override;
  std::optional<std::uint32_t> depth(std::uint32_t trial) const override {
    return sweep_.depth(trial);
  }
  const Counters& counters() const override { return counters_; }
  std::vector<SwitchedOff> switched_off() const override { return proofs_.switched_off(); }

 private:
  struct Output {
    at::Tensor memory;  // on the host
    std::vector<Row> rows;
  };
  void run_step(std::size_t index);
  void run_windows(std::size_t index, const ActiveList& list);
  void run_shift(const Step& step, const ActiveList& list);
  void run_reshape(const Step& step, const ActiveList& list);
  void run_whole_rows(std::size_t index, const ActiveList& list);
  void fetch_outputs();

  const Program& program_;
  const WaveSettings& settings_;
  WindowProofs& proofs_;
  Counters counters_;
  DeviceSweep sweep_;
  std::vector<std::unique_ptr<StepCall>> calls_;      // by step
  std::vector<std::unique_ptr<WindowStep>> windows_;  // by step; null: none
  std::vector<std::uint32_t> whole_;                  // indices into the ActiveList
  std::vector<Output> outputs_;
};

}  // namespace softbeam::run
