// trial id -> fault and sample. A plan is either drawn, a pure function of configuration, profile
// and seed, or read from a file. Used by the campaign loop, the plan command and replay.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "host/config/config.h"
#include "host/plan/frame.h"
#include "injectors/corruption.h"

namespace softbeam::plan {

struct Trial {
  injectors::TrialId id;
  injectors::FaultId fault;
  injectors::SampleId sample;
  friend bool operator==(const Trial&, const Trial&) = default;
};

class FaultPlan {
 public:
  virtual ~FaultPlan() = default;
  virtual std::uint64_t trials() const = 0;
  // True if some fault meets several samples: its trials are not independent of each other.
  virtual bool clustered() const = 0;
  // Appends the trials of [first, last).
  virtual void trials(std::uint64_t first, std::uint64_t last, std::vector<Trial>& out) const = 0;
  // Appends the corruptions of one fault; none for a zero-fault trial. Words are distinct.
  virtual void fault(injectors::FaultId id, std::vector<injectors::Corruption>& out) const = 0;
};

// Draws every fault from (seed, fault id) and every sample from (seed, trial id). Faults of
// parameters meet `samples_per_fault` distinct samples; trials_per_sample meets all samples, round
// after round. Throws UsageError for more samples per fault than there are.
std::unique_ptr<FaultPlan> draw_plan(const config::CampaignConfig& config, Frame frame,
                                     std::uint64_t samples);

}  // namespace softbeam::plan
