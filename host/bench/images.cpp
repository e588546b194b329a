#include "host/bench/images.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <barrier>
#include <exception>
#include <mutex>
#include <thread>

namespace softbeam::bench {
namespace {

constexpr std::uint64_t small_sample = 4096;  // elements
// Beyond this, batches of large samples would fill the memory of machines with many cores.
constexpr std::uint64_t most_images_at_once = 1024;
// A device is given so much work ahead; more would say nothing but how fast work is queued.
constexpr std::uint64_t runs_in_flight = 8;

bool is_small(const campaign::Subject& subject) {
  return subject.data.elements_per_sample() <= small_sample;
}

std::vector<std::int64_t> batches_tried(const campaign::Subject& subject) {
  if (subject.graph->static_batch) {
    return {*subject.graph->static_batch};
  }
  std::vector<std::int64_t> batches{1, 4, 16, 32, 64};
  if (is_small(subject)) {
    batches.push_back(256);
  }
  if (!subject.backend->device().is_cpu()) {  // which small batches leave idle
    const auto larger = is_small(subject) ? std::initializer_list<std::int64_t>{1024, 4096}
                                          : std::initializer_list<std::int64_t>{128, 256, 512};
    batches.insert(batches.end(), larger);
  }
  return batches;
}

void add_forms(const campaign::Subject& subject, std::int64_t batch,
               std::vector<Setting>& settings) {
  const std::size_t threads = subject.executors.size();
  settings.push_back({batch, 1, static_cast<int>(threads)});
  const bool fits =
      is_small(subject) || static_cast<std::uint64_t>(batch) * threads <= most_images_at_once;
  if (threads > 1 && fits) {
    settings.push_back({batch, threads, 1});
  }
}

}  // namespace

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<Setting> all_settings(const campaign::Subject& subject) {
  std::vector<Setting> settings;
  for (const std::int64_t batch : batches_tried(subject)) {
    add_forms(subject, batch, settings);
  }
  return settings;
}

std::vector<Setting> settings_near(const campaign::Subject& subject, const Setting& best) {
  const auto batches = batches_tried(subject);
  const auto found = std::find(batches.begin(), batches.end(), best.batch);
  std::vector<Setting> settings;
  for (auto batch = found == batches.begin() ? found : found - 1;
       batch != batches.end() && batch <= found + 1; ++batch) {
    add_forms(subject, *batch, settings);
  }
  return settings;
}

Images::Images(const campaign::Subject& subject, double seconds, const std::atomic<bool>* stop,
               std::function<void(const std::string&)> said)
    : subject_(subject), seconds_(seconds), stop_(stop), said_(std::move(said)) {}

// Branches in the kernels (max pooling's among them) are predicted too well on a batch that comes
// again and again.
const std::vector<at::Tensor>& Images::batches_of(std::int64_t batch) {
  if (batch_ == batch) {
    return batches_;
  }
  batches_.clear();
  batch_ = batch;
  std::uint32_t next = 0;
  for (std::int64_t b = 0; b < std::clamp<std::int64_t>(64 / batch, 4, 64); ++b) {
    std::vector<std::uint32_t> samples;
    for (std::int64_t r = 0; r < batch; ++r) {
      samples.push_back(next);
      next = (next + 1) % static_cast<std::uint32_t>(subject_.data.samples);
    }
    batches_.push_back(run::gather(subject_.data, samples, batch, subject_.backend->device()));
  }
  return batches_;
}

Rate Images::measure(const std::string& what, const Inference& inference, const Setting& setting,
                     double least_worth) {
  said_(fmt::format("{}, batch {}, {} x {} threads", what, setting.batch, setting.instances,
                    setting.threads_each));
  const auto& batches = batches_of(setting.batch);
  std::barrier start_together(static_cast<std::ptrdiff_t>(setting.instances));
  std::mutex guard;
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
  double rate = 0;
  const auto run = [&](std::size_t instance) {
    const auto fail = [&] {
      const std::lock_guard lock(guard);
      failure = std::current_exception();
      failed = true;
    };
    try {
      at::set_num_threads(setting.threads_each);
      const c10::InferenceMode inference_mode;
      const auto before = std::chrono::steady_clock::now();
      try {
        inference(instance, batches[0]);
        subject_.backend->synchronize();
      } catch (...) {
        fail();
      }
      const double images = static_cast<double>(setting.batch * setting.instances);
      const bool hopeless = images / seconds_since(before) < 0.5 * least_worth;
      start_together.arrive_and_wait();
      const auto start = std::chrono::steady_clock::now();
      std::uint64_t runs = 0;
      double own = 0;
      for (double seconds = 0; !failed && !stopped() && seconds < seconds_;) {
        const bool slow = own * static_cast<double>(setting.instances) < least_worth;
        if (runs > 0 && (hopeless || (slow && seconds >= 0.2 * seconds_))) {
          break;
        }
        ++runs;
        inference(instance, batches[(instance + runs) % batches.size()]);
        if (runs % runs_in_flight == 0) {
          subject_.backend->synchronize();
        }
        seconds = seconds_since(start);
        own = static_cast<double>(runs) * static_cast<double>(setting.batch) / seconds;
      }
      subject_.backend->synchronize();
      own = static_cast<double>(runs) * static_cast<double>(setting.batch) / seconds_since(start);
      const std::lock_guard lock(guard);
      rate += own;
    } catch (...) {
      fail();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < setting.instances; ++i) {
      threads.emplace_back(run, i);
    }
  }
  at::set_num_threads(1);  // what campaigns compute with
  if (failure) {
    std::rethrow_exception(failure);
  }
  if (stopped()) {
    throw Stopped{};
  }
  return {setting, rate};
}

std::vector<Rate> Images::measure(const std::string& what, const Inference& inference,
                                  const std::vector<Setting>& settings) {
  constexpr double worth_a_look = 0.8;  // of the best so far
  std::vector<Rate> rates;
  double best = 0;
  for (const Setting& setting : settings) {
    rates.push_back(measure(what, inference, setting, worth_a_look * best));
    best = std::max(best, rates.back().images_per_second);
  }
  return rates;
}

const Rate& best_of(const std::vector<Rate>& rates) {
  return *std::max_element(rates.begin(), rates.end(), [](const Rate& a, const Rate& b) {
    return a.images_per_second < b.images_per_second;
  });
}

}  // namespace softbeam::bench
