// Cuts the trials that are still missing into units of work, and runs one unit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host/campaign/subject.h"
#include "host/plan/fault_plan.h"
#include "host/record/store.h"

namespace softbeam::campaign {

// Units of about one chunk, wherever the missing ranges begin. A unit ends within the samples of
// one fault only if the fault meets more samples than a chunk holds.
class Units {
 public:
  Units(std::vector<record::TrialRange> missing, std::uint64_t batch,
        std::uint64_t samples_per_fault);
  // Empty when all are handed out.
  std::vector<record::TrialRange> next();

 private:
  std::vector<record::TrialRange> missing_;
  std::size_t range_ = 0;
  std::uint64_t chunk_ = 1;
  std::uint64_t group_ = 1;
};

// What one unit gives to the store: a row for every trial, or rows of some and counts of all.
struct UnitRows {
  std::vector<record::TrialRow> trials;
  std::vector<record::CorruptionRow> corruptions;
  record::Tally tally;  // empty while every trial is a row
};

// One trial with its outcome. Throws RunError if a trial whose fault changed no bit differs from
// golden: then something else than the fault is at work.
record::TrialRow describe_trial(const Subject& subject, const plan::Trial& trial,
                                std::span<const injectors::Effect> effects,
                                const compare::Rows& golden, const compare::Rows& faulty);

// The same of a trial whose outputs are golden's, bit for bit.
record::TrialRow describe_masked(const Subject& subject, const plan::Trial& trial,
                                 std::span<const injectors::Effect> effects);

void add_corruptions(injectors::FaultId fault, std::span<const injectors::Corruption> corruptions,
                     UnitRows& rows);

// Runs these trials as full inferences and adds their rows.
void run_plain(const Subject& subject, std::size_t worker, const plan::FaultPlan& plan,
               std::span<const plan::Trial> trials, UnitRows& rows);

// Runs, compares and describes the trials of one unit on one worker. Throws RunError if a trial
// whose fault changed no bit differs from golden: then something else than the fault is at work,
// unless the model is not deterministic.
UnitRows run_unit(const Subject& subject, std::size_t worker, const plan::FaultPlan& plan,
                  std::span<const record::TrialRange> ranges);

}  // namespace softbeam::campaign
