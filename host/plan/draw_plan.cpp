#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "host/base/error.h"
#include "host/plan/fault_plan.h"

namespace softbeam::plan {
namespace {

using injectors::Corruption;
using injectors::Purpose;
using injectors::Stream;

class DrawnPlan : public FaultPlan {
 public:
  DrawnPlan(const config::CampaignConfig& config, Frame frame, std::uint64_t samples)
      : campaign_(config.campaign), frame_(std::move(frame)), samples_(samples) {
    if (campaign_.samples_per_fault > samples) {
      throw UsageError(
          fmt::format("campaign.samples_per_fault: a fault cannot meet {} distinct "
                      "samples (the data set has {}); lower it",
                      campaign_.samples_per_fault, samples));
    }
    if (campaign_.trials_per_sample && campaign_.samples_per_fault > 1) {
      throw UsageError(
          "campaign.samples_per_fault: does not go with campaign.trials_per_sample "
          "(that gives each fault one sample); remove one of the two");
    }
    count_trials();
  }

  std::uint64_t trials() const override { return trials_; }
  bool clustered() const override { return campaign_.samples_per_fault > 1; }

  void trials(std::uint64_t first, std::uint64_t last, std::vector<Trial>& out) const override {
    const std::uint64_t group = campaign_.samples_per_fault;
    out.reserve(out.size() + (last - first));
    if (group == 1) {
      for (std::uint64_t t = first; t < last; ++t) {
        out.push_back({{t}, {t}, {sample_of(t)}});
      }
      return;
    }
    std::vector<std::uint32_t> met;
    for (std::uint64_t t = first; t < last; ++t) {
      const std::uint64_t fault = t / group;
      if (t == first || t % group == 0) {
        met = samples_of(fault, group);
      }
      out.push_back({{t}, {fault}, {met[t % group]}});
    }
  }

  void fault(injectors::FaultId id, std::vector<Corruption>& out) const override {
    Stream stream(campaign_.seed, id.value, Purpose::fault);
    if (frame_.count == 1) {
      out.push_back(draw(frame_, stream));
      return;
    }
    constexpr std::uint64_t few = 16;
    if (frame_.count <= few) {
      draw_few(stream, out);
    } else {
      draw_many(stream, out);
    }
  }

 private:
  // Distinct words: one that was drawn already is drawn again. Those of a few are looked through.
  void draw_few(Stream& stream, std::vector<Corruption>& out) const {
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    for (std::uint64_t n = 0; n < frame_.count;) {
      const Corruption corruption = draw(frame_, stream);
      const bool taken = std::any_of(out.begin() + first, out.end(), [&](const Corruption& other) {
        return other.site == corruption.site && other.element == corruption.element;
      });
      if (!taken) {
        out.push_back(corruption);
        ++n;
      }
    }
  }

  // The same with a table.
  void draw_many(Stream& stream, std::vector<Corruption>& out) const {
    std::unordered_map<std::uint32_t, std::unordered_set<std::uint64_t>> taken;
    for (std::uint64_t n = 0; n < frame_.count;) {
      const Corruption corruption = draw(frame_, stream);
      if (taken[corruption.site.value].insert(corruption.element).second) {
        out.push_back(corruption);
        ++n;
      }
    }
  }

  void count_trials() {
    constexpr std::uint64_t most = std::uint64_t{1} << 40;  // what a store can number
    const auto per_sample = campaign_.trials_per_sample;
    if (per_sample ? *per_sample > most / samples_ : campaign_.trials > most) {
      throw UsageError(
          fmt::format("campaign.{}: too many trials (a campaign holds at most {}); "
                      "lower it",
                      per_sample ? "trials_per_sample" : "trials", most));
    }
    trials_ = per_sample ? *per_sample * samples_ : campaign_.trials;
  }

  // Of a fault that meets one sample.
  std::uint32_t sample_of(std::uint64_t fault) const {
    if (campaign_.trials_per_sample) {
      // Round after round, so that an unfinished campaign has met all samples nearly equally often.
      return static_cast<std::uint32_t>(fault % samples_);
    }
    return static_cast<std::uint32_t>(
        Stream(campaign_.seed, fault, Purpose::sample).below(samples_));
  }

  std::vector<std::uint32_t> samples_of(std::uint64_t fault, std::uint64_t group) const {
    Stream stream(campaign_.seed, fault, Purpose::sample);
    // The first `group` places of a Fisher-Yates shuffle, moved items kept in a map.
    std::unordered_map<std::uint64_t, std::uint64_t> moved;
    const auto item = [&](std::uint64_t i) { return moved.contains(i) ? moved[i] : i; };
    std::vector<std::uint32_t> samples;
    for (std::uint64_t i = 0; i < group; ++i) {
      const std::uint64_t j = i + stream.below(samples_ - i);
      samples.push_back(static_cast<std::uint32_t>(item(j)));
      moved[j] = item(i);
    }
    return samples;
  }

  config::CampaignConfig::Campaign campaign_;
  Frame frame_;
  std::uint64_t samples_;
  std::uint64_t trials_ = 0;
};

}  // namespace

std::unique_ptr<FaultPlan> draw_plan(const config::CampaignConfig& config, Frame frame,
                                     std::uint64_t samples) {
  return std::make_unique<DrawnPlan>(config, std::move(frame), samples);
}

}  // namespace softbeam::plan
