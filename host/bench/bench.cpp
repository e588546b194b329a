#include "host/bench/bench.h"

#include <algorithm>
#include <cmath>

#include "host/bench/memory.h"

namespace softbeam::bench {
namespace {

constexpr double plain_seconds = 5.0;
constexpr std::uint64_t least_trials = 8192;
// A campaign of fewer trials would measure its set-up.
constexpr double trials_per_image_a_second = 20.0;

std::uint64_t round_up(double count, std::uint64_t unit) {
  return (static_cast<std::uint64_t>(std::max(count, 1.0)) + unit - 1) / unit * unit;
}

config::CampaignConfig with_trials(config::CampaignConfig config, config::Mode mode,
                                   std::uint64_t trials) {
  config.run.mode = mode;
  config.campaign.trials = trials;
  config.campaign.trials_per_sample.reset();
  return config;
}

}  // namespace

double Result::fastest() const {
  double most = best.images_per_second;
  for (const Variant& variant : variants) {
    most = std::max(most, variant.best ? variant.best->images_per_second : 0.0);
  }
  return most;
}

double Result::share_of_macs(const campaign::Subject& subject) const {
  const double full =
      static_cast<double>(subject.profile.macs) * static_cast<double>(wave.result.added);
  return full > 0 ? static_cast<double>(wave.result.counters.macs) / full : 0.0;
}

double Result::efficiency(const campaign::Subject& subject) const {
  return wave.per_second() / best.images_per_second * share_of_macs(subject);
}

Result measure(campaign::Subject& subject, config::CampaignConfig config, const Options& options) {
  campaign::make_plan(subject, config, "");  // faults that cannot be drawn are found at once
  Images images(subject, options.seconds, options.stop, options.said);
  const auto eager = [&](std::size_t instance, const at::Tensor& batch) {
    execute::Hooks none;
    subject.executors[instance]->run(batch, none);
  };
  Result result;
  result.eager = images.measure("eager", eager, all_settings(subject));
  result.best = best_of(result.eager);
  result.variants = measure_variants(subject, images, result.best.setting);

  const std::uint64_t unit = std::max<std::uint64_t>(
      static_cast<std::uint64_t>(subject.profile.batch) * subject.executors.size(),
      config.campaign.samples_per_fault);
  const double rate = result.best.images_per_second;
  const std::uint64_t plain_trials =
      options.plain_trials.value_or(round_up(plain_seconds * rate, unit));
  options.said("plain trials");
  const auto time = [&](const config::CampaignConfig& campaign) {
    campaign::CampaignOptions campaign_options;
    campaign_options.stop = options.stop;
    campaign_options.deadline = campaign::deadline_of(campaign);
    return time_campaign(subject, campaign, campaign_options);
  };
  result.plain = time(with_trials(config, config::Mode::plain, plain_trials));

  if (options.choose_trials) {
    config = with_trials(config, config::Mode::wave,
                         std::max(least_trials, round_up(trials_per_image_a_second * rate, 1000)));
  }
  config.run.mode = config::Mode::wave;
  result.before = images.measure("eager again", eager, result.best.setting).images_per_second;
  options.said("wave trials");
  result.peak_of_the_wave = forget_peak();
  result.wave = time(config);
  result.peak_bytes = peak_bytes();
  result.after = images.measure("eager again", eager, result.best.setting).images_per_second;
  result.best.images_per_second =
      std::max({result.best.images_per_second, result.before, result.after});
  return result;
}

}  // namespace softbeam::bench
