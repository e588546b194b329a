#include "host/campaign/subject.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "host/base/error.h"
#include "host/execute/threads.h"
#include "host/model/load.h"
#include "injectors/rng.h"

namespace softbeam::campaign {
namespace {

void check_shapes(const Subject& subject) {
  if (subject.graph->inputs.size() != 1) {
    throw RunError(
        fmt::format("{}: the model has {} inputs (one tensor of samples is supported); "
                    "export a module that takes one",
                    subject.config.model.file, subject.graph->inputs.size()));
  }
  const auto& expected = subject.graph->inputs.front().shape;
  if (expected.empty()) {
    return;  // the file does not say; the operators will
  }
  const std::vector<std::int64_t> sample(expected.begin() + 1, expected.end());
  const bool fits = sample.size() == subject.data.shape.size() &&
                    std::equal(sample.begin(), sample.end(), subject.data.shape.begin(),
                               [](auto a, auto b) { return a == -1 || a == b; });
  if (!fits && subject.config.data.file.empty()) {
    throw UsageError(
        fmt::format("--input-shape: samples of shape [{}] do not fit the model, which takes [{}]; "
                    "leave it out, or give --data",
                    fmt::join(subject.data.shape, ", "), fmt::join(sample, ", ")));
  }
  if (!fits) {
    throw UsageError(fmt::format(
        "{}: samples of shape [{}] do not fit the model, which takes [{}]; "
        "prepare the data with tools/pack_data.py",
        subject.config.data.file, fmt::join(subject.data.shape, ", "), fmt::join(sample, ", ")));
  }
}

// Rows that differ from one another, so that no layout can be mistaken for another.
at::Tensor distinct_rows(const data::Dataset& data, std::int64_t batch, at::Device device) {
  std::vector<std::uint32_t> indices;
  for (std::int64_t r = 0; r < batch; ++r) {
    indices.push_back(static_cast<std::uint32_t>(r % static_cast<std::int64_t>(data.samples)));
  }
  at::Tensor rows = run::gather(data, indices, batch, device);
  for (std::int64_t r = static_cast<std::int64_t>(data.samples); r < batch; ++r) {
    rows.select(0, r).mul_(1.0 + 0.001 * static_cast<double>(r));  // a repeated sample, dimmed
  }
  return rows;
}

void check_labels(const Subject& subject, std::int64_t classes) {
  for (std::size_t i = 0; i < subject.data.labels.size(); ++i) {
    if (subject.data.labels[i] >= classes) {
      throw UsageError(
          fmt::format("{}: the label {} of sample {} is not a class of the model (it "
                      "has {}, counted from 0)",
                      subject.config.data.file, subject.data.labels[i], i, classes));
    }
  }
}

void find_answers(Subject& subject) {
  const auto& shape = subject.profile.output_shapes.front();
  if (shape.size() != 1 || shape[0] < 2) {
    return;
  }
  check_labels(subject, shape[0]);
  for (std::uint32_t s = 0; s < subject.data.samples; ++s) {
    subject.answers.push_back(
        compare::golden_answer(subject.golden->row(0, s), subject.config.model.output));
  }
}

}  // namespace

std::int64_t choose_batch(const config::CampaignConfig& config, const model::Graph& graph,
                          const data::Dataset& data) {
  const auto asked = static_cast<std::int64_t>(config.run.batch);
  if (graph.static_batch) {
    if (asked != 0 && asked != *graph.static_batch) {
      throw UsageError(
          fmt::format("run.batch: {} does not fit (the model was exported for a batch "
                      "of {} alone); leave it out, or export with a dynamic batch",
                      asked, *graph.static_batch));
    }
    return *graph.static_batch;
  }
  if (asked != 0) {
    return asked;
  }
  // Small samples need large chunks to spread the cost of a call; large ones fill the caches.
  const std::int64_t usual = data.elements_per_sample() <= 4096 ? 256 : 16;
  if (!config::strikes_parameters(config.faults.where)) {
    return usual;
  }
  // Kernels for one row differ in bits from those for more; multiples of 4 rows agree.
  const std::uint64_t met =
      std::min(config.campaign.samples_per_fault, static_cast<std::uint64_t>(usual));
  return std::min(usual, static_cast<std::int64_t>((met + 3) / 4 * 4));
}

std::uint64_t choose_threads(const config::CampaignConfig& config,
                             const backend::Backend& backend) {
  if (config.run.threads != 0) {
    return config.run.threads;
  }
  if (!backend.device().is_cpu()) {
    return 2;  // on one stream: while the device works for one, the other plans and judges
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

namespace {

std::unique_ptr<Subject> open_device(const config::CampaignConfig& config) {
  auto subject = std::make_unique<Subject>();
  subject->config = config;
  subject->backend = backend::make_backend(config.run.device, config.run.tf32);
  execute::compute_on_one_thread();
  return subject;
}

// Backend and model; what the subject is struck with comes next.
std::unique_ptr<Subject> load_model_on_device(const config::CampaignConfig& config) {
  // The device first: it may have to load libraries before anything else asks for them.
  auto subject = open_device(config);
  subject->graph = model::load_model(config.model.file);
  return subject;
}

execute::Randomness randomness(const config::CampaignConfig& config) {
  return config.run.allow_nondeterministic ? execute::Randomness::allowed
                                           : execute::Randomness::refused;
}

void profile(Subject& subject, std::uint64_t threads) {
  check_shapes(subject);
  const std::int64_t batch = choose_batch(subject.config, *subject.graph, subject.data);
  for (std::uint64_t t = 0; t < threads; ++t) {
    subject.executors.push_back(
        std::make_unique<execute::Executor>(subject.graph, *subject.backend));
  }
  const c10::InferenceMode inference;
  subject.profile = execute::make_profile(
      *subject.executors.front(), distinct_rows(subject.data, batch, subject.backend->device()),
      randomness(subject.config));
}

// All that is left once graph and data are there.
void prepare(Subject& subject, bool with_golden) {
  profile(subject, choose_threads(subject.config, *subject.backend));
  for (const auto& executor : subject.executors) {
    subject.runners.push_back(
        std::make_unique<run::PlainRunner>(*executor, subject.profile, subject.data));
  }
  if (with_golden) {
    run_golden(subject);
  }
}

// Uniform in [-1, 1): enough to run a model that is only looked at or timed.
data::Dataset random_samples(std::vector<std::int64_t> shape, std::uint64_t samples) {
  data::Dataset data;
  data.shape = std::move(shape);
  data.samples = samples;
  injectors::Stream stream(1, 0, injectors::Purpose::probe);
  for (std::uint64_t i = 0; i < data.samples * data.elements_per_sample(); ++i) {
    data.images.push_back(static_cast<float>(stream.next32() >> 8) / 8388608.0F - 1.0F);
  }
  return data;
}

std::unique_ptr<Subject> load_with_random_samples(const config::CampaignConfig& config,
                                                  std::vector<std::int64_t> shape,
                                                  std::uint64_t samples) {
  auto subject = load_model_on_device(config);
  if (shape.empty() && subject->graph->inputs.size() == 1 &&
      !subject->graph->inputs.front().shape.empty()) {
    const auto& exported = subject->graph->inputs.front().shape;
    shape.assign(exported.begin() + 1, exported.end());
  }
  if (shape.empty() || std::any_of(shape.begin(), shape.end(), [](auto s) { return s < 1; })) {
    throw UsageError(
        fmt::format("{}: the file does not say the shape of a sample; give it with "
                    "--input-shape (such as 1,28,28), or give --data",
                    config.model.file));
  }
  subject->data = random_samples(std::move(shape), samples);
  return subject;
}

}  // namespace

std::unique_ptr<Subject> load_subject(const config::CampaignConfig& config, bool with_golden) {
  auto subject = load_model_on_device(config);
  subject->data = data::load_dataset(config.data.file, config.data.limit);
  prepare(*subject, with_golden);
  return subject;
}

std::unique_ptr<Subject> make_subject(const config::CampaignConfig& config,
                                      std::shared_ptr<const model::Graph> graph, data::Dataset data,
                                      bool with_golden) {
  auto subject = open_device(config);
  subject->graph = std::move(graph);
  subject->data = std::move(data);
  prepare(*subject, with_golden);
  return subject;
}

void run_golden(Subject& subject) {
  subject.golden = std::make_unique<run::Golden>(subject.runners, subject.data, subject.profile,
                                                 randomness(subject.config));
  // In wave mode the run that keeps golden's values is the second one.
  if (subject.config.run.mode == config::Mode::plain || subject.config.run.allow_nondeterministic) {
    subject.golden->confirm(subject.runners);
  }
  find_answers(subject);
}

std::unique_ptr<Subject> load_model_alone(const config::CampaignConfig& config,
                                          const std::vector<std::int64_t>& sample_shape) {
  auto subject = load_with_random_samples(config, sample_shape, 16);
  profile(*subject, 1);
  return subject;
}

std::unique_ptr<Subject> load_on_random_samples(const config::CampaignConfig& config,
                                                const std::vector<std::int64_t>& sample_shape) {
  auto subject = load_with_random_samples(config, sample_shape, config.data.limit.value_or(64));
  prepare(*subject, /*with_golden=*/false);
  return subject;
}

}  // namespace softbeam::campaign
