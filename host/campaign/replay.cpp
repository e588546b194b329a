#include "host/campaign/replay.h"

#include <fmt/format.h>

#include <array>

#include "host/base/error.h"
#include "host/campaign/counting.h"
#include "host/campaign/identity.h"
#include "host/campaign/value_comparison.h"
#include "host/campaign/work.h"
#include "host/config/load.h"
#include "injectors/fault_model.h"

namespace softbeam::campaign {
namespace {

bool same_verdict(const record::TrialRow& a, const record::TrialRow& b) {
  return a.fault == b.fault && a.sample == b.sample && a.activated == b.activated &&
         a.verdict.outcome == b.verdict.outcome && a.verdict.top1 == b.verdict.top1 &&
         a.verdict.sdc_1 == b.verdict.sdc_1 && a.verdict.sdc_5 == b.verdict.sdc_5 &&
         a.verdict.sdc_10 == b.verdict.sdc_10 && a.verdict.sdc_20 == b.verdict.sdc_20 &&
         a.verdict.max_abs == b.verdict.max_abs && a.verdict.max_rel == b.verdict.max_rel;
}

// "layer1.0.relu": the node by the name of what it makes.
std::string name_of(const model::Graph& graph, model::NodeId id) {
  const model::Node& node = graph.node(id);
  return node.outputs.empty() ? model::describe(node) : graph.value(node.outputs.front()).name;
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

record::CampaignRow campaign_of(const record::Store& store, std::int64_t campaign) {
  for (record::CampaignRow& row : store.campaigns()) {
    if (row.id == campaign) {
      return std::move(row);
    }
  }
  throw RunError(fmt::format("the store has no campaign {}", campaign));
}

// The recorded trial and its fault; false where there is no row of it.
bool read_row(const record::Store& store, std::int64_t campaign, injectors::TrialId trial,
              Replay& replay, std::vector<injectors::Corruption>& corruptions) {
  return store.visit_one(campaign, trial, [&](const auto& row, auto list) {
    replay.recorded = row;
    for (const record::CorruptionRow& item : list) {
      corruptions.push_back(item.corruption);
    }
  });
}

// The same of a trial that is only counted, from its id.
void draw_again(const Subject& subject, const config::CampaignConfig& config,
                injectors::TrialId trial, Replay& replay,
                std::vector<injectors::Corruption>& corruptions) {
  const Planned planned = make_plan(subject, config, "");
  std::vector<plan::Trial> drawn;
  planned.plan->trials(trial.value, trial.value + 1, drawn);
  replay.recorded.trial = trial;
  replay.recorded.fault = drawn.front().fault;
  replay.recorded.sample = drawn.front().sample;
  planned.plan->fault(drawn.front().fault, corruptions);
}

// Whether the record can be right about a trial that it has no row of: those worth keeping have one
// below the limit.
bool is_plausible(const Replay& replay, std::uint64_t keep_below) {
  return !replay.deterministic || !worth_keeping(replay.now.verdict.outcome) ||
         replay.recorded.trial.value >= keep_below;
}

}  // namespace

Replay replay_trial(const record::Store& store, std::int64_t campaign, std::uint64_t trial,
                    const std::vector<config::Setting>& settings) {
  Replay replay;
  std::vector<injectors::Corruption> corruptions;
  const record::CampaignRow stored = campaign_of(store, campaign);
  replay.kept = read_row(store, campaign, {trial}, replay, corruptions);
  if (!replay.kept && !(stored.aggregate && store.has(campaign, {trial}))) {
    throw UsageError(fmt::format("--trial {}: the store has no such trial (it has {})", trial,
                                 store.count(campaign)));
  }
  const config::CampaignConfig config = config::parse(stored.config, settings);
  const auto subject = load_subject(config, /*with_golden=*/true);
  if (!replay.kept) {
    draw_again(*subject, config, {trial}, replay, corruptions);
  }
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
  ValueComparison comparison(*subject);
  run::PlainRunner& runner = *subject->runners.front();
  runner.run_clean({replay.recorded.sample.value}, &comparison);
  comparison.compare_from_now_on();
  run::Chunk chunk;
  chunk.clear();
  chunk.fill(plan, 0, 1);
  const run::ChunkResult result = runner.run(chunk, &comparison);
  replay.values = comparison.values();
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
  if (replay.deterministic && replay.now.activated &&
      replay.now.verdict.outcome == compare::Outcome::masked) {
    const auto node = comparison.last_difference(chunk, result);
    if (node != model::no_node) {
      replay.now.depth = node.value;
      replay.depth_node = name_of(*subject->graph, node);
    }
  }
  if (!replay.kept) {
    replay.equal = is_plausible(replay, store.keep_below(campaign));
    return replay;
  }
  // Plain mode records no depth: then there is nothing to compare.
  replay.equal = same_verdict(replay.recorded, replay.now) &&
                 (!replay.recorded.depth || replay.recorded.depth == replay.now.depth);
  return replay;
}

}  // namespace softbeam::campaign
