// Private: what becomes of the rows that workers make: a row for every trial in the store, or
// counts. Used by the loop.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "host/campaign/progress.h"
#include "host/campaign/work.h"
#include "host/record/store.h"

namespace softbeam::campaign {

class Recorder {
 public:
  virtual ~Recorder() = default;
  // On the thread of the worker that made the unit.
  virtual void prepare(UnitRows& /*unit*/) const {}
  // On one thread; may wait with the writing.
  virtual void add(std::deque<UnitRows> units, Progress& progress) = 0;
  // Writes what waits.
  virtual void finish() {}
};

// As the campaign's row asks. The store must outlive it. Throws RunError as the store does.
std::unique_ptr<Recorder> make_recorder(record::Store& store, std::int64_t id,
                                        const record::CampaignRow& campaign);

}  // namespace softbeam::campaign
