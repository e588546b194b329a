#include "host/campaign/recorder.h"

#include <chrono>
#include <utility>
#include <vector>

#include "host/campaign/counting.h"

namespace softbeam::campaign {
namespace {

// One transaction for the units of the last moment, which are not copied together for it.
std::vector<record::RowSpans> spans_of(const std::deque<UnitRows>& units) {
  std::vector<record::RowSpans> spans;
  spans.reserve(units.size());
  for (const UnitRows& unit : units) {
    spans.push_back({unit.trials, unit.corruptions});
  }
  return spans;
}

class RowRecorder : public Recorder {
 public:
  RowRecorder(record::Store& store, std::int64_t id) : store_(store), id_(id) {}

  void add(std::deque<UnitRows> units, Progress& progress) override {
    store_.append(id_, spans_of(units));
    for (const UnitRows& unit : units) {
      progress.add(unit.trials);
    }
  }

 private:
  record::Store& store_;
  std::int64_t id_;
};

class CountRecorder : public Recorder {
 public:
  CountRecorder(record::Store& store, std::int64_t id, const record::CampaignRow& campaign)
      : store_(store),
        id_(id),
        counting_(campaign, store.golden(id)),
        pending_(campaign.aggregate->samples_per_fault) {
    counting_.keep_below(store.keep_below(id));
  }

  void prepare(UnitRows& unit) const override { counting_.count(unit); }

  void add(std::deque<UnitRows> units, Progress& progress) override {
    for (UnitRows& unit : units) {
      progress.add(unit.tally.trials(), unit.tally.sdc());
      pending_.merge(unit.tally);
      if (!unit.trials.empty()) {
        unit.tally = {};
        kept_.push_back(std::move(unit));
      }
    }
    if (std::chrono::steady_clock::now() - written_ >= patience) {
      finish();
    }
  }

  void finish() override {
    if (pending_.trials() > 0) {
      store_.append(id_, pending_, spans_of(kept_));
      pending_ = {};
      if (!kept_.empty()) {
        kept_.clear();
        counting_.keep_below(store_.keep_below(id_));
      }
    }
    written_ = std::chrono::steady_clock::now();
  }

 private:
  // A transaction costs as much for many trials as for few: the counts of each class.
  static constexpr std::chrono::milliseconds patience{250};

  record::Store& store_;
  std::int64_t id_;
  Counting counting_;
  record::Tally pending_;
  std::deque<UnitRows> kept_;
  std::chrono::steady_clock::time_point written_ = std::chrono::steady_clock::now();
};

}  // namespace

std::unique_ptr<Recorder> make_recorder(record::Store& store, std::int64_t id,
                                        const record::CampaignRow& campaign) {
  if (campaign.aggregate) {
    return std::make_unique<CountRecorder>(store, id, campaign);
  }
  return std::make_unique<RowRecorder>(store, id);
}

}  // namespace softbeam::campaign
