#include "host/campaign/replay.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cstring>
#include <unordered_map>

#include "host/base/error.h"
#include "host/campaign/identity.h"
#include "host/campaign/work.h"
#include "host/config/load.h"
#include "injectors/fault_model.h"

namespace softbeam::campaign {
namespace {

// Keeps row 0 of every value of a clean run, then compares a faulty run with it.
class RowZero : public execute::Hooks {
 public:
  explicit RowZero(const Subject& subject) : subject_(subject) {
    for (std::size_t s = 0; s < subject.profile.sites.size(); ++s) {
      const auto kind = subject.profile.sites[s].kind;
      if (kind == execute::SiteKind::output || kind == execute::SiteKind::model_input) {
        site_of_[subject.profile.places[s].value.value] = s;
      }
    }
  }

  void compare_from_now_on() { comparing_ = true; }

  void observe(model::ValueId id, const at::Tensor& tensor) override {
    const auto found = site_of_.find(id.value);
    if (found == site_of_.end()) {
      return;
    }
    const auto& layout = subject_.profile.places[found->second].layout;
    const at::Tensor row = execute::rows(tensor, layout).select(0, 0).cpu().clone();
    if (!comparing_) {
      golden_[id.value] = row;
    } else {
      compare(found->second, golden_.at(id.value), row);
    }
  }

  std::vector<ReplayedValue> values;

 private:
  void compare(std::size_t s, const at::Tensor& golden, const at::Tensor& faulty) {
    const execute::Site& site = subject_.profile.sites[s];
    const auto width = static_cast<std::size_t>(golden.element_size());
    const auto* a = static_cast<const char*>(golden.const_data_ptr());
    const auto* b = static_cast<const char*>(faulty.const_data_ptr());
    ReplayedValue value{.name = site.name, .op = site.op, .elements = site.elements};
    for (std::size_t e = 0; e < site.elements; ++e) {
      if (std::memcmp(a + e * width, b + e * width, width) == 0) {
        continue;
      }
      ++value.different;
      std::uint64_t word_a = 0;
      std::uint64_t word_b = 0;
      std::memcpy(&word_a, a + e * width, width);
      std::memcpy(&word_b, b + e * width, width);
      const double before = injectors::decode(word_a, site.dtype);
      const double after = injectors::decode(word_b, site.dtype);
      if (std::isfinite(before) && std::isfinite(after)) {
        value.max_abs = std::max(value.max_abs, std::abs(after - before));
      } else if (std::isfinite(before)) {
        ++value.nonfinite;
      }
    }
    if (value.different > 0) {
      values.push_back(value);
    }
  }

  const Subject& subject_;
  bool comparing_ = false;
  std::unordered_map<std::uint32_t, std::size_t> site_of_;
  std::unordered_map<std::uint32_t, at::Tensor> golden_;
};

bool same_verdict(const record::TrialRow& a, const record::TrialRow& b) {
  return a.fault == b.fault && a.sample == b.sample && a.activated == b.activated &&
         a.verdict.outcome == b.verdict.outcome && a.verdict.top1 == b.verdict.top1 &&
         a.verdict.sdc_1 == b.verdict.sdc_1 && a.verdict.sdc_5 == b.verdict.sdc_5 &&
         a.verdict.sdc_10 == b.verdict.sdc_10 && a.verdict.sdc_20 == b.verdict.sdc_20 &&
         a.verdict.max_abs == b.verdict.max_abs && a.verdict.max_rel == b.verdict.max_rel;
}

// The fault as it is recorded, so that plans read from files can be replayed without the file.
class RecordedPlan : public plan::FaultPlan {
 public:
  RecordedPlan(plan::Trial trial, std::vector<injectors::Corruption> corruptions)
      : trial_(trial), corruptions_(std::move(corruptions)) {}
  std::uint64_t trials() const override { return 1; }
  bool clustered() const override { return false; }
  void trials(std::uint64_t, std::uint64_t, std::vector<plan::Trial>& out) const override {
    out.push_back(trial_);
  }
  void fault(injectors::FaultId, std::vector<injectors::Corruption>& out) const override {
    out.insert(out.end(), corruptions_.begin(), corruptions_.end());
  }

 private:
  plan::Trial trial_;
  std::vector<injectors::Corruption> corruptions_;
};

}  // namespace

Replay replay_trial(const record::Store& store, std::int64_t campaign, std::uint64_t trial,
                    const std::vector<config::Setting>& settings) {
  Replay replay;
  std::vector<injectors::Corruption> corruptions;
  const bool found = store.visit_one(campaign, {trial}, [&](const auto& row, auto list) {
    replay.recorded = row;
    for (const record::CorruptionRow& item : list) {
      corruptions.push_back(item.corruption);
    }
  });
  if (!found) {
    throw UsageError(fmt::format("--trial {}: the store has no such trial (it has {})", trial,
                                 store.count(campaign)));
  }
  record::CampaignRow stored;
  for (const record::CampaignRow& row : store.campaigns()) {
    if (row.id == campaign) {
      stored = row;
    }
  }
  config::CampaignConfig config = config::parse(stored.config, settings);
  const auto subject = load_subject(config, /*with_golden=*/true);
  const RecordedPlan plan({{trial}, replay.recorded.fault, replay.recorded.sample}, corruptions);
  // Threads and device may differ as long as golden is the same.
  const Planned recorded{.plan = std::make_unique<RecordedPlan>(plan),
                         .frame = {},
                         .source = fact(stored, "plan"),
                         .file = ""};
  record::CampaignRow now = describe_campaign(*subject, config, recorded, stored.label);
  now.planned = stored.planned;
  for (auto& [key, value] : now.fingerprint) {
    if (key == "threads" || key == "device" || key == "torch") {
      value = fact(stored, key);
    }
  }
  refuse_other_campaign(stored, now, store.path());

  replay.now = run_unit(*subject, 0, plan, std::array{record::TrialRange{0, 1}}).trials.front();
  RowZero rows(*subject);
  run::PlainRunner& runner = *subject->runners.front();
  runner.run_clean({replay.recorded.sample.value}, &rows);
  rows.compare_from_now_on();
  run::Chunk chunk;
  chunk.clear();
  chunk.fill(plan, 0, 1);
  const run::ChunkResult result = runner.run(chunk, &rows);
  replay.values = std::move(rows.values);
  for (std::size_t c = 0; c < corruptions.size(); ++c) {
    const execute::Site& site = subject->profile.site(corruptions[c].site);
    const injectors::Effect effect = result.effects[c];
    replay.words.push_back({.site = site.name,
                            .element = corruptions[c].element,
                            .operation = std::string(injectors::name(corruptions[c].operation)),
                            .dtype = std::string(injectors::name(site.dtype)),
                            .before = effect.before,
                            .after = effect.after,
                            .value_before = injectors::decode(effect.before, site.dtype),
                            .value_after = injectors::decode(effect.after, site.dtype)});
  }
  replay.deterministic = subject->deterministic();
  replay.equal = same_verdict(replay.recorded, replay.now);
  return replay;
}

}  // namespace softbeam::campaign
