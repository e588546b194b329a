// The model under the beam, ready to be struck: graph, data, device, workers, profile and golden.
// Loaded once per run; the points of a sweep share it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/backend/backend.h"
#include "host/compare/judge.h"
#include "host/config/config.h"
#include "host/data/dataset.h"
#include "host/execute/executor.h"
#include "host/execute/profile.h"
#include "host/run/golden.h"
#include "host/run/plain.h"

namespace softbeam::campaign {

struct Subject {
  config::CampaignConfig config;  // its model, data and run sections hold for all campaigns
  std::shared_ptr<const model::Graph> graph;
  data::Dataset data;
  std::unique_ptr<backend::Backend> backend;
  std::vector<std::unique_ptr<execute::Executor>> executors;  // one per worker
  execute::Profile profile;
  std::vector<std::unique_ptr<run::PlainRunner>> runners;  // one per worker
  std::unique_ptr<run::Golden> golden;
  std::vector<compare::GoldenAnswer> answers;  // by sample; empty without a class answer

  bool classifier() const { return !answers.empty(); }
  // False: clean runs differ, which run.allow_nondeterministic allowed.
  bool deterministic() const {
    return profile.deterministic && (golden == nullptr || golden->deterministic());
  }
  // run.mode; plain for a model that is not deterministic.
  config::Mode mode() const { return deterministic() ? config.run.mode : config::Mode::plain; }
};

// Reads model and data, picks the chunk shape, profiles and runs golden. Every thread computes with
// single-threaded kernels, so that results do not depend on how many threads there are.
// Throws UsageError, RunError or DeviceError as the stages do; also for a label that is no class
// of the model, and a sample shape or batch that the model was not exported for.
// `with_golden` false stops after the profile (plan and inspect need no more).
std::unique_ptr<Subject> load_subject(const config::CampaignConfig& config, bool with_golden);

// The same for a graph and data that are in memory already.
std::unique_ptr<Subject> make_subject(const config::CampaignConfig& config,
                                      std::shared_ptr<const model::Graph> graph, data::Dataset data,
                                      bool with_golden);

// Golden of every sample, and the answers that come from it; part of load_subject(..., true).
void run_golden(Subject& subject);

// The same for a model without data: samples of random numbers in the shape that the model was
// exported for, or in `sample_shape` (TorchScript files do not say). Golden is not run.
std::unique_ptr<Subject> load_model_alone(const config::CampaignConfig& config,
                                          const std::vector<std::int64_t>& sample_shape);

// The same, ready to run campaigns on those samples.
std::unique_ptr<Subject> load_on_random_samples(const config::CampaignConfig& config,
                                                const std::vector<std::int64_t>& sample_shape);

// Samples per chunk: run.batch if given, the export's own where it is static, else by the size of
// a sample; faults of parameters fill a chunk with the samples of one fault.
std::int64_t choose_batch(const config::CampaignConfig& config, const model::Graph& graph,
                          const data::Dataset& data);

// run.threads, or one per core; 2 on a GPU.
std::uint64_t choose_threads(const config::CampaignConfig& config, const backend::Backend& backend);

}  // namespace softbeam::campaign
