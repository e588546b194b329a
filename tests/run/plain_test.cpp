// Plain mode's promises, on every device: a chunk equals its trials one by one, faults reach
// exactly their row, weights come back, and an injector that does not do what was planned ends the
// run.
#include "host/run/plain.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "host/campaign/identity.h"
#include "host/campaign/subject.h"
#include "tests/support/broken_backend.h"
#include "tests/support/configs.h"
#include "tests/support/devices.h"
#include "tests/support/message_of.h"

namespace softbeam::run {
namespace {

using config::CampaignConfig;
using config::Where;

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() &&
         std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

class Plain : public support::OnDevice {
 protected:
  std::unique_ptr<campaign::Subject> subject(CampaignConfig config) const {
    config.run.device = GetParam();
    return campaign::load_subject(config, /*with_golden=*/true);
  }
  static Chunk chunk_of(const plan::FaultPlan& plan, std::uint64_t first, std::uint64_t last) {
    Chunk chunk;
    chunk.fill(plan, first, last);
    return chunk;
  }
};

TEST_P(Plain, AChunkOf64TrialsEquals64SingleTrials) {
  for (const char* model : {"lenet5.pt2", "lenet5.traced.pt"}) {
    CampaignConfig config = support::lenet_config();
    config.model.file = std::string(SB_TEST_MODELS) + "/" + model;
    config.faults.ops = {"conv2d", "linear", "relu", "max_pool2d", "flatten"};
    config.campaign.trials = 64;
    const auto loaded = subject(config);
    const auto planned = campaign::make_plan(*loaded, config, "");
    PlainRunner& runner = *loaded->runners.front();
    const ChunkResult together = runner.run(chunk_of(*planned.plan, 0, 64));
    for (std::uint64_t t = 0; t < 64; ++t) {
      const Chunk one = chunk_of(*planned.plan, t, t + 1);
      const ChunkResult alone = runner.run(one);
      ASSERT_TRUE(same_bits(alone.outputs[0][0], together.outputs[0][static_cast<std::int64_t>(t)]))
          << "trial " << t;
      ASSERT_EQ(alone.effects[0], together.effects[t]);
    }
  }
}

TEST_P(Plain, ATrialWithoutCorruptionsIsGolden) {
  const CampaignConfig config = support::lenet_config();
  const auto loaded = subject(config);
  class Nothing : public plan::FaultPlan {
   public:
    std::uint64_t trials() const override { return 64; }
    bool clustered() const override { return false; }
    void trials(std::uint64_t first, std::uint64_t last,
                std::vector<plan::Trial>& out) const override {
      for (std::uint64_t t = first; t < last; ++t) {
        out.push_back({{t}, {t}, {static_cast<std::uint32_t>(t)}});
      }
    }
    void fault(injectors::FaultId, std::vector<injectors::Corruption>&) const override {}
  } nothing;
  const ChunkResult result = loaded->runners.front()->run(chunk_of(nothing, 0, 64));
  for (std::uint32_t t = 0; t < 64; ++t) {
    const auto golden = loaded->golden->row(0, t);
    ASSERT_EQ(
        std::memcmp(result.outputs[0][t].const_data_ptr(), golden.data(), golden.size_bytes()), 0);
  }
}

// The oracle strikes through ATen's indexing instead of the backend: no address arithmetic of ours.
class IndexedStrike : public execute::Hooks {
 public:
  IndexedStrike(model::ValueId value, std::int64_t row, std::uint64_t element, std::int32_t flip)
      : value_(value), row_(row), element_(element), flip_(flip) {}
  bool strikes(model::ValueId id) const override { return id == value_; }
  void corrupt(model::ValueId, const at::Tensor& tensor) override {
    at::Tensor words = tensor.view(at::kInt)[row_];
    std::vector<std::int64_t> index;
    std::uint64_t rest = element_;
    for (std::int64_t d = words.dim() - 1; d >= 0; --d) {
      index.insert(index.begin(),
                   static_cast<std::int64_t>(rest % static_cast<std::uint64_t>(words.size(d))));
      rest /= static_cast<std::uint64_t>(words.size(d));
    }
    for (const std::int64_t i : index) words = words[i];
    words.bitwise_xor_(flip_);
  }

 private:
  model::ValueId value_;
  std::int64_t row_;
  std::uint64_t element_;
  std::int32_t flip_;
};

TEST_P(Plain, EqualsAnOracleThatStrikesByIndexing) {
  CampaignConfig config = support::lenet_config();
  config.campaign.trials = 48;
  const auto loaded = subject(config);
  const auto planned = campaign::make_plan(*loaded, config, "");
  const Chunk chunk = chunk_of(*planned.plan, 0, 48);
  const ChunkResult result = loaded->runners.front()->run(chunk);
  std::vector<std::uint32_t> samples;
  for (const plan::Trial& trial : chunk.trials) samples.push_back(trial.sample.value);
  for (std::size_t t = 0; t < chunk.size(); ++t) {
    const auto& c = chunk.corruptions[t];
    IndexedStrike strike(loaded->profile.places[c.site.value].value, static_cast<std::int64_t>(t),
                         c.element,
                         static_cast<std::int32_t>(static_cast<std::uint32_t>(c.masks.flip)));
    const at::Tensor input = gather(loaded->data, samples, 64, loaded->backend->device());
    const at::Tensor output = loaded->executors.front()->run(input, strike).at(0).cpu();
    ASSERT_TRUE(same_bits(output[static_cast<std::int64_t>(t)].contiguous(),
                          result.outputs[0][static_cast<std::int64_t>(t)]));
  }
}

TEST_P(Plain, AFaultInOneRowLeavesTheOtherRowsGolden) {
  CampaignConfig config = support::lenet_config();
  config.faults.bits = {injectors::BitRange{30, 31}};
  config.faults.sites = {"conv1"};
  config.campaign.trials = 1;
  const auto loaded = subject(config);
  const auto planned = campaign::make_plan(*loaded, config, "");
  const Chunk chunk = chunk_of(*planned.plan, 0, 1);
  const ChunkResult result = loaded->runners.front()->run(chunk);
  // Rows behind the trial repeat its sample without its fault.
  const auto golden = loaded->golden->row(0, chunk.trials[0].sample.value);
  for (std::int64_t row = 1; row < 64; ++row) {
    ASSERT_EQ(
        std::memcmp(result.outputs[0][row].const_data_ptr(), golden.data(), golden.size_bytes()),
        0);
  }
}

CampaignConfig weight_config() {
  CampaignConfig config = support::lenet_config();
  config.faults.where = Where::weights;
  config.campaign.samples_per_fault = 64;
  config.campaign.trials = 640;
  return config;
}

std::vector<at::Tensor> parameters_of(const campaign::Subject& subject) {
  std::vector<at::Tensor> copies;
  for (const model::Stored& stored : subject.graph->stored) {
    copies.push_back(subject.executors.front()->parameter(stored.value).cpu().clone());
  }
  return copies;
}

void expect_same(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i], b[i]));
}

TEST_P(Plain, WeightsAreStruckForOneFaultAndPutBack) {
  const CampaignConfig config = weight_config();
  const auto loaded = subject(config);
  const auto planned = campaign::make_plan(*loaded, config, "");
  const auto before = parameters_of(*loaded);
  for (std::uint64_t fault = 0; fault < 10; ++fault) {
    const Chunk chunk = chunk_of(*planned.plan, fault * 64, (fault + 1) * 64);
    const ChunkResult result = loaded->runners.front()->run(chunk);
    for (const injectors::Effect& effect : result.effects) {
      EXPECT_EQ(effect, result.effects.front());
      EXPECT_NE(effect.before, effect.after);
    }
    expect_same(parameters_of(*loaded), before);
  }
}

TEST_P(Plain, WeightsArePutBackAfterAnExceptionInTheMiddleOfARun) {
  const CampaignConfig config = weight_config();
  const auto loaded = subject(config);
  const auto planned = campaign::make_plan(*loaded, config, "");
  const auto before = parameters_of(*loaded);
  class Thrower : public execute::Hooks {
   public:
    void observe(model::ValueId, const at::Tensor&) override { throw std::runtime_error("stop"); }
  } thrower;
  EXPECT_THROW(loaded->runners.front()->run(chunk_of(*planned.plan, 0, 64), &thrower),
               std::runtime_error);
  expect_same(parameters_of(*loaded), before);
}

TEST_P(Plain, AWeightFaultChangesWhatACleanRunWithThatWeightGives) {
  // The oracle changes the word in the model's own tensor and runs cleanly.
  const CampaignConfig config = weight_config();
  const auto loaded = subject(config);
  const auto planned = campaign::make_plan(*loaded, config, "");
  const Chunk chunk = chunk_of(*planned.plan, 0, 64);
  const ChunkResult result = loaded->runners.front()->run(chunk);
  const auto& c = chunk.corruptions.front();
  const auto value = loaded->profile.places[c.site.value].value;
  const at::Tensor words = loaded->executors.front()->parameter(value).view(at::kInt).view(-1);
  words[static_cast<std::int64_t>(c.element)].bitwise_xor_(
      static_cast<std::int32_t>(static_cast<std::uint32_t>(c.masks.flip)));
  std::vector<std::uint32_t> samples;
  for (const plan::Trial& trial : chunk.trials) samples.push_back(trial.sample.value);
  const auto clean = loaded->runners.front()->run_clean(samples);
  EXPECT_TRUE(same_bits(clean[0], result.outputs[0]));
}

TEST_P(Plain, AnInjectorThatDoesNotDoWhatWasPlannedEndsTheRun) {
  for (const auto breakage :
       {support::Breakage::writes_nothing, support::Breakage::flips_the_neighbour}) {
    for (const Where where : {Where::neurons, Where::weights}) {
      CampaignConfig config = where == Where::weights ? weight_config() : support::lenet_config();
      const auto loaded = subject(config);
      const auto planned = campaign::make_plan(*loaded, config, "");
      support::BrokenBackend broken(backend::make_backend(GetParam()), breakage);
      execute::Executor executor(loaded->graph, broken);
      PlainRunner runner(executor, loaded->profile, loaded->data);
      EXPECT_THAT(
          support::message_of<RunError>([&] { runner.run(chunk_of(*planned.plan, 0, 64)); }),
          testing::HasSubstr("injection check failed"));
    }
  }
}

TEST_P(Plain, StuckAtAnEqualBitActivatesNothing) {
  CampaignConfig config = support::lenet_config();
  config.faults.what = injectors::Operation::stuck_at_0;
  config.faults.sites = {"relu1"};
  config.faults.bits = {injectors::BitRange{31, 32}};  // ReLU's outputs have no sign
  config.campaign.trials = 64;
  const auto loaded = subject(config);
  const auto planned = campaign::make_plan(*loaded, config, "");
  const ChunkResult result = loaded->runners.front()->run(chunk_of(*planned.plan, 0, 64));
  for (const injectors::Effect& effect : result.effects) EXPECT_EQ(effect.before, effect.after);
}

INSTANTIATE_ON_DEVICES(Plain);

}  // namespace
}  // namespace softbeam::run
