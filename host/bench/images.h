// Fault-free inferences a second: what trials are measured against. Used by bench.
#pragma once

#include <ATen/core/Tensor.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/campaign/subject.h"

namespace softbeam::bench {

// Thrown where `stop` was set.
struct Stopped {};

// How inferences are spread over the cores: one instance on all of them, or one a core.
struct Setting {
  std::int64_t batch = 1;
  std::size_t instances = 1;
  int threads_each = 1;
  friend bool operator==(const Setting&, const Setting&) = default;
};

struct Rate {
  Setting setting;
  double images_per_second = 0;
};

// Computes one batch; instances run at the same time, each on a thread of its own.
using Inference = std::function<void(std::size_t instance, const at::Tensor& batch)>;

// All settings that are tried on this subject: batches from 1 to 64 (256 for small samples), or the
// export's own.
std::vector<Setting> all_settings(const campaign::Subject& subject);
// `best` and the next smaller and larger batches, in both forms.
std::vector<Setting> settings_near(const campaign::Subject& subject, const Setting& best);

class Images {
 public:
  // Each measurement takes about so many seconds; slow settings are left early.
  // `said` hears what is measured next.
  Images(const campaign::Subject& subject, double seconds, const std::atomic<bool>* stop,
         std::function<void(const std::string&)> said);

  // In the order of the settings, on batches of the data set's own samples in turn.
  std::vector<Rate> measure(const std::string& what, const Inference& inference,
                            const std::vector<Setting>& settings);
  Rate measure(const std::string& what, const Inference& inference, const Setting& setting,
               double least_worth = 0.0);

 private:
  const std::vector<at::Tensor>& batches_of(std::int64_t batch);
  bool stopped() const { return stop_ != nullptr && *stop_; }

  const campaign::Subject& subject_;
  double seconds_;
  const std::atomic<bool>* stop_;
  std::function<void(const std::string&)> said_;
  std::int64_t batch_ = 0;
  std::vector<at::Tensor> batches_;  // of `batch_` samples
};

const Rate& best_of(const std::vector<Rate>& rates);

double seconds_since(std::chrono::steady_clock::time_point start);

}  // namespace softbeam::bench
