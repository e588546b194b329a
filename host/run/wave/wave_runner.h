// One of the CPU's workers: takes a group of trials through the whole program.
#pragma once

#include <memory>
#include <vector>

#include "host/run/wave/conv_step.h"
#include "host/run/wave/dense.h"
#include "host/run/wave/linear_step.h"
#include "host/run/wave/pool_step.h"
#include "host/run/wave/region_step.h"
#include "host/run/wave/struck_filters.h"
#include "host/run/wave/sweep.h"
#include "host/run/wave/trial_runner.h"

namespace softbeam::run {

// What the workers of one campaign share: the program, and what was proved on this machine.
struct WaveShared {
  WaveShared(Program compiled, WaveSettings of_settings)
      : program(std::move(compiled)),
        settings(of_settings),
        dense(program.steps.size()),
        filters(program.steps.size()),
        convolutions(program.steps.size(), settings.seed),
        linears(program.steps.size(), settings.seed),
        poolings(program.steps.size(), settings.seed) {}
  // Forms that were not exact here; for the report.
  std::vector<SwitchedOff> switched_off() const;
  Program program;
  WaveSettings settings;
  DenseProofs dense;
  FilterProofs filters;
  ConvolutionForms convolutions;
  LinearForms linears;
  PoolForms poolings;
};

class WaveRunner final : public TrialRunner {
 public:
  // All references must outlive the runner.
  WaveRunner(WaveShared& shared, execute::Executor& executor);

  using TrialRunner::run;
  void limit_rows(std::size_t bytes) override { sweep_.limit_rows(bytes); }
  void prepare(std::size_t step, const GoldenBlock& golden) override;
  bool reproduces_golden(std::size_t step, const GoldenBlock& golden) override {
    return dense_.reproduces_golden(step, golden);
  }
  void run(const Chunk& chunk, const GoldenBlock& golden, std::vector<injectors::Effect>& effects,
           bool zero_fault) override;
  const std::vector<Row>& rows(std::size_t output) const override {
    return sweep_.rows(shared_.program.outputs[output]);
  }
  void output(std::size_t output, std::uint32_t trial, const Row* row,
              std::byte* to) const override {
    sweep_.lay_over(shared_.program.outputs[output], trial, row, to);
  }
  std::optional<std::uint32_t> depth(std::uint32_t trial) const override {
    return sweep_.depth(trial);
  }
  const Counters& counters() const override { return counters_; }
  std::vector<SwitchedOff> switched_off() const override { return shared_.switched_off(); }

 private:
  void step(std::size_t index);
  void shift(const Step& step, const ActiveList& list);
  void reshape(const Step& step, const ActiveList& list);

  WaveShared& shared_;
  const execute::Executor& executor_;
  Counters counters_;
  Sweep sweep_;
  DenseRunner dense_;
  StruckFilters filters_;
  ConvScratch conv_scratch_;
  LinearScratch linear_scratch_;
  PoolScratch pool_scratch_;
  std::vector<std::uint32_t> whole_rows_;  // indices into the ActiveList
  RegionScratch region_;
  std::vector<std::byte> whole_;
};

}  // namespace softbeam::run
