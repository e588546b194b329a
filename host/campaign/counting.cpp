#include "host/campaign/counting.h"

#include <span>

namespace softbeam::campaign {
namespace {

using Corruptions = std::span<const record::CorruptionRow>;

// The corruptions of one fault after another, in the order of the unit's trials. Those of a fault
// that was cut between chunks stand there again.
class Faults {
 public:
  explicit Faults(Corruptions all) : left_(all) {}

  Corruptions next(injectors::FaultId fault) {
    while (!left_.empty() && left_.front().fault < fault) left_ = left_.subspan(1);
    std::size_t count = 0;
    while (count < left_.size() && left_[count].fault == fault && left_[count].position == count) {
      ++count;
    }
    const Corruptions own = left_.first(count);
    left_ = left_.subspan(count);
    return own;
  }

 private:
  Corruptions left_;
};

}  // namespace

bool worth_keeping(compare::Outcome outcome) {
  return outcome == compare::Outcome::nonfinite || outcome == compare::Outcome::sdc_critical ||
         outcome == compare::Outcome::sdc_tolerable;
}

Counting::Counting(const record::CampaignRow& campaign,
                   const std::vector<record::GoldenRow>& golden)
    : classifier_(campaign.sites, golden),
      samples_per_fault_(campaign.aggregate->samples_per_fault) {}

void Counting::count(UnitRows& unit) const {
  const std::uint64_t below = keep_below_;
  unit.tally = record::Tally(samples_per_fault_);
  Faults faults(unit.corruptions);
  Corruptions own;
  record::Struck struck;
  injectors::FaultId fault;
  bool is_kept = false;  // a trial of this fault
  // What is kept moves to the front: never ahead of what is read.
  std::size_t rows = 0;
  auto corruptions = unit.corruptions.begin();
  for (std::size_t t = 0; t < unit.trials.size(); ++t) {
    const record::TrialRow& row = unit.trials[t];
    if (t == 0 || row.fault != fault) {
      fault = row.fault;
      own = faults.next(fault);
      struck = classifier_.struck(own);
      is_kept = false;
    }
    unit.tally.add(row, record::pack(classifier_.classify(row, struck)));
    if (row.trial.value >= below || !worth_keeping(row.verdict.outcome)) continue;
    if (!is_kept) {
      for (const record::CorruptionRow& corruption : own) *corruptions++ = corruption;
    }
    is_kept = true;
    if (rows != t) unit.trials[rows] = row;
    ++rows;
  }
  unit.tally.close();
  unit.corruptions.erase(corruptions, unit.corruptions.end());
  unit.trials.resize(rows);
  if (rows == 0) {  // gives the memory back here rather than in the queue
    unit.trials = {};
    unit.corruptions = {};
  }
}

}  // namespace softbeam::campaign
