// How fast is plain mode? The whole campaign path of `run` (planning, a distinct fault in every
// row, golden, comparison, store) against eager LibTorch at the same batch and threads, one
// process.
//   bench_plain_mode MODEL.pt2 DATA.npz BATCH TRIALS [ROUNDS] [THREADS]
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "host/base/parallel.h"
#include "host/campaign/campaign.h"

namespace {

using namespace softbeam;  // NOLINT: a program of one file

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Batches of the data set's own samples, in turn: branches in the kernels (max pooling's among
// them) are predicted too well on a batch of equal rows.
std::vector<at::Tensor> make_batches(const campaign::Subject& subject, std::int64_t batch) {
  std::vector<at::Tensor> batches;
  std::uint32_t next = 0;
  for (int b = 0; b < 4; ++b) {
    std::vector<std::uint32_t> samples;
    for (std::int64_t r = 0; r < batch; ++r) {
      samples.push_back(next);
      next = (next + 1) % static_cast<std::uint32_t>(subject.data.samples);
    }
    batches.push_back(run::gather(subject.data, samples, batch, at::kCPU));
  }
  return batches;
}

// The model's own ATen operators called one after the other, as PyTorch's eager mode does.
double eager_images_per_second(const campaign::Subject& subject, std::int64_t batch, double least_s,
                               std::size_t instances, int threads_each) {
  const std::vector<at::Tensor> batches = make_batches(subject, batch);
  std::atomic<std::uint64_t> images{0};
  const auto start = std::chrono::steady_clock::now();
  parallel_for(instances, instances, [&](std::size_t worker, std::uint64_t) {
    at::set_num_threads(threads_each);
    const c10::InferenceMode inference;
    execute::Hooks none;
    for (std::size_t b = worker; seconds_since(start) < least_s; ++b) {
      subject.executors[worker]->run(batches[b % batches.size()], none);
      images += static_cast<std::uint64_t>(batch);
    }
  });
  const double rate = static_cast<double>(images) / seconds_since(start);
  at::set_num_threads(1);
  return rate;
}

double plain_trials_per_second(const config::CampaignConfig& config, double& setup_s) {
  const auto path = std::filesystem::temp_directory_path() / "softbeam_bench_plain.db";
  const auto remove = [&] {
    for (const char* end : {"", "-wal", "-shm", ".lock"}) {
      std::filesystem::remove(path.string() + end);
    }
  };
  remove();
  // Reading the files is not counted, golden and everything behind it is.
  const auto before = std::chrono::steady_clock::now();
  const auto subject = campaign::load_subject(config, false);
  setup_s = seconds_since(before);
  const auto start = std::chrono::steady_clock::now();
  campaign::run_golden(*subject);
  double rate = 0;
  {
    record::Store store = record::Store::open_for_writing(path.string());
    const auto result = campaign::run_campaign(*subject, config, store, {});
    rate = static_cast<double>(result.added) / seconds_since(start);
  }
  remove();
  return rate;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "usage: {} MODEL DATA BATCH TRIALS [ROUNDS] [THREADS]\n", argv[0]);
    return 2;
  }
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_ARENA_MAX, 1);
  config::CampaignConfig config;
  config.model.file = argv[1];
  config.data.file = argv[2];
  config.run.batch = std::strtoull(argv[3], nullptr, 10);
  config.campaign.trials = std::strtoull(argv[4], nullptr, 10);
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 5;
  const std::size_t threads =
      argc > 6 ? std::strtoull(argv[6], nullptr, 10) : std::thread::hardware_concurrency();
  config.run.threads = threads;

  const auto subject = campaign::load_subject(config, false);
  const auto batch = static_cast<std::int64_t>(config.run.batch);
  fmt::print("{} batch {} threads {} trials {} ({})\n", argv[1], batch, threads,
             config.campaign.trials, subject->backend->description());
  fmt::print("{:>5} {:>16} {:>16} {:>16} {:>8}\n", "round", fmt::format("eager, 1 x {}t", threads),
             fmt::format("eager, {} x 1t", threads), "plain trials/s", "ratio");
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const double together =
        eager_images_per_second(*subject, batch, 3.0, 1, static_cast<int>(threads));
    const double apart = eager_images_per_second(*subject, batch, 3.0, threads, 1);
    double setup_s = 0;
    const double plain = plain_trials_per_second(config, setup_s);
    ratios.push_back(plain / std::max(together, apart));
    fmt::print("{:>5} {:>16.1f} {:>16.1f} {:>16.1f} {:>8.3f}\n", round, together, apart, plain,
               ratios.back());
  }
  fmt::print("median ratio of plain trials/s to eager images/s (the faster form): {:.3f}\n",
             median(ratios));
  return 0;
}
