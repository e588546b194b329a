// A campaign in wave mode: the program compiled for its plan, blocks of samples with their golden
// values, units of trials taken through the graph together, and a share of them verified.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "host/campaign/identity.h"
#include "host/campaign/wave_units.h"
#include "host/campaign/work.h"
#include "host/run/device/window_proofs.h"
#include "host/run/wave/budget.h"
#include "host/run/wave/region_proof.h"
#include "host/run/wave/row_bounds.h"
#include "host/run/wave/trial_runner.h"
#include "host/run/wave/wave_runner.h"

namespace softbeam::campaign {

// What a layer's step took: time of all workers, multiply-adds, rows.
struct LayerWork {
  std::string name;
  double seconds = 0;
  std::uint64_t macs = 0;
  std::array<std::uint64_t, run::form_kinds> by_form{};  // as run::Form
};

struct UnitScratch;

// What a corruption of a site means for its trial.
struct SiteInWave {
  std::uint32_t step = 0;  // where the strike joins
  bool plain = false;      // the trial runs as a full inference
};

class Wave {
 public:
  // Compiles the subject's graph for this plan and proves it on this machine; then runs the
  // zero-fault wave, of which every row must come back as golden: else there is a refusal. Throws
  // UsageError where run.memory is too small (says how much is needed), RunError as the stages do.
  Wave(const Subject& subject, const config::CampaignConfig& config, const Planned& planned,
       run::WaveSettings settings = {});
  ~Wave();

  // Why this model runs in plain mode after all; "" if it does not.
  const std::string& refusal() const { return refusal_; }

  // Samples go in blocks of which golden fits in memory.
  std::size_t blocks() const;
  // Computes golden of a block and lets go of the last one's.
  void enter(std::size_t block);
  BlockSamples samples(std::size_t block) const;
  std::uint64_t trials_at_once() const;

  // Runs the trials of these ranges whose samples are in the block; their rows in trial order.
  UnitRows run(std::size_t worker, std::span<const record::TrialRange> ranges);

  // How it went, for the record. The zero-fault wave is not counted.
  std::vector<std::pair<std::string, std::string>> notes() const;
  run::Counters counters() const;
  // In the graph's order; steps that took no time are left out.
  std::vector<LayerWork> layers() const;
  const run::Program& program() const { return shared_->program; }
  // For tests that look at rows: a worker, and golden of the block.
  run::TrialRunner& runner(std::size_t worker) { return *runners_[worker]; }
  const run::GoldenBlock& golden() const { return *golden_; }

 private:
  std::string forms() const;
  void compile(run::WaveSettings settings);
  bool on_device() const { return shared_->settings.as_on_device; }
  std::unique_ptr<run::TrialRunner> make_runner(execute::Executor& executor) const;
  std::uint64_t memory() const;
  void prove();
  run::Targets targets() const;
  run::ProvenRegions prove_regions(const run::Program& program, const run::Targets& struck,
                                   const run::FirstRows& first, std::uint64_t seed) const;
  void order_sites();
  void prove_golden(const run::GoldenBlock& golden);
  void prepare_forms(const run::GoldenBlock& golden);
  void run_zero_fault_wave(const run::GoldenBlock& golden);
  void draw(std::span<const record::TrialRange> ranges, run::Chunk& unit) const;
  void order(std::size_t worker, UnitScratch& scratch);
  void run_group(std::size_t worker, UnitScratch& scratch, std::vector<record::TrialRow>& rows);
  bool fits(std::size_t worker, UnitScratch& scratch);
  void run_halves(std::size_t worker, UnitScratch& scratch, std::vector<record::TrialRow>& rows);
  void judge_group(std::size_t worker, const UnitScratch& scratch,
                   std::vector<record::TrialRow>& rows);
  // `places`: where each trial's row goes.
  void run_as_plain(std::size_t worker, const std::vector<plan::Trial>& trials,
                    std::span<const std::uint32_t> places, std::vector<record::TrialRow>& rows);
  void verify(std::size_t worker, const run::Chunk& chunk,
              const std::vector<injectors::Effect>& effects);
  std::vector<std::uint32_t> block_samples(std::size_t block) const;

  const Subject& subject_;
  const config::CampaignConfig& config_;
  const Planned& planned_;
  std::string refusal_;
  std::vector<std::string> switched_off_;
  std::unique_ptr<run::WaveShared> shared_;
  std::unique_ptr<run::WindowProofs> windows_;              // of a device
  std::vector<std::unique_ptr<run::TrialRunner>> runners_;  // by worker
  std::vector<run::RowBounds> bounds_;                      // by worker
  std::uint64_t largest_trial_ = 0;                         // bytes of rows
  run::WaveBudget budget_;
  std::vector<std::uint64_t> rows_at_once_;            // bytes, by worker
  std::vector<SiteInWave> sites_;                      // by SiteId
  std::vector<std::unique_ptr<UnitScratch>> scratch_;  // by worker
  std::unique_ptr<run::GoldenBlock> golden_;
  run::Counters of_setup_;
  std::atomic<std::uint64_t> verified_{0};
  std::atomic<std::uint64_t> plain_trials_{0};
  std::atomic<std::uint64_t> plain_macs_{0};  // of their passes, whole batches
};

}  // namespace softbeam::campaign
