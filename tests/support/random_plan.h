// Faults drawn from a seed over all sites of a model: single bits and hostile words, in one or
// several places. Used by tests that hold for any fault.
#pragma once

#include <cstdint>
#include <vector>

#include "host/execute/profile.h"
#include "host/plan/fault_plan.h"

namespace softbeam::support {

struct PlanSize {
  std::uint64_t values = 40;           // trials whose fault strikes values, each its own fault
  std::uint64_t parameter_faults = 5;  // each meets a few samples
  std::uint64_t most_samples = 4;      // of one such fault
};

// Faults of parameters may strike values as well; a few faults have no corruption, or change
// nothing.
class RandomPlan : public plan::FaultPlan {
 public:
  RandomPlan(std::uint64_t seed, const execute::Profile& profile, std::uint64_t samples,
             PlanSize size = {});

  std::uint64_t trials() const override { return trials_.size(); }
  bool clustered() const override { return true; }
  void trials(std::uint64_t first, std::uint64_t last,
              std::vector<plan::Trial>& out) const override;
  void fault(injectors::FaultId id, std::vector<injectors::Corruption>& out) const override;

 private:
  std::vector<plan::Trial> trials_;
  std::vector<std::vector<injectors::Corruption>> faults_;  // by FaultId
};

}  // namespace softbeam::support
