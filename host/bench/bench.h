// `softbeam bench`: eager LibTorch, plain trials and wave trials on one model, in one process.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/bench/images.h"
#include "host/bench/trials.h"
#include "host/bench/variants.h"

namespace softbeam::bench {

struct Options {
  double seconds = 2.0;                       // of each measurement of images
  bool choose_trials = true;                  // the configuration does not say how many
  std::optional<std::uint64_t> plain_trials;  // absent: as many as take about 5 s
  const std::atomic<bool>* stop = nullptr;
  // Hears what is measured next.
  std::function<void(const std::string&)> said = [](const std::string&) {};
};

struct Result {
  std::vector<Rate> eager;  // the model's operators one after the other, every setting
  Rate best;                // of eager, the faster of `before` and `after`
  double before = 0;        // images/s at the best setting, before the trials
  double after = 0;         // and after them
  std::vector<Variant> variants;
  Trials plain;
  Trials wave;
  std::uint64_t peak_bytes = 0;
  bool peak_of_the_wave = true;  // else of the whole process

  // The fastest that LibTorch offers, eager included.
  double fastest() const;
  // Of the multiply-adds of full inferences, what the wave's trials still took; 0 where unknown.
  double share_of_macs(const campaign::Subject& subject) const;
  // 1: the wave spends its multiply-adds as fast as eager does.
  double efficiency(const campaign::Subject& subject) const;
};

// The subject is loaded without golden. Throws Stopped where options.stop was set, and all that a
// campaign throws.
Result measure(campaign::Subject& subject, config::CampaignConfig config, const Options& options);

std::string to_text(const campaign::Subject& subject, const Result& result);
std::string to_json(const campaign::Subject& subject, const Result& result);

}  // namespace softbeam::bench
