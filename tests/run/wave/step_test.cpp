// The convolution step in a wave: every choice of forms gives the same outputs, and its sentinel
// ends a run whose library errs behind the proofs.
#include "host/run/wave/conv_step.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "host/base/error.h"
#include "host/campaign/identity.h"
#include "host/campaign/subject.h"
#include "host/run/wave/wave_runner.h"
#include "tests/support/configs.h"
#include "tests/support/message_of.h"

namespace softbeam::run {
namespace {

using testing::HasSubstr;

// LeNet-5 with faults in its activations, compiled without regions.
class ConvolutionStep : public testing::Test {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
    config::CampaignConfig config = support::lenet_config();
    config.run.batch = 16;
    config.faults.ops = {"conv2d", "relu", "max_pool2d"};
    config.campaign.trials = 200;
    subject_ = campaign::load_subject(config, /*with_golden=*/true);
    const auto planned = campaign::make_plan(*subject_, config, "");
    chunk_.fill(*planned.plan, 0, planned.plan->trials());
    std::vector<std::uint32_t> samples(subject_->data.samples);
    std::iota(samples.begin(), samples.end(), 0U);
    shared_ = compile(FormChoice::fastest);
    golden_ = std::make_unique<GoldenBlock>(shared_->program, subject_->runners, std::move(samples),
                                            GoldenBlock::Check());
  }

  std::unique_ptr<WaveShared> compile(FormChoice forms) {
    std::vector<std::uint32_t> first(16);
    std::iota(first.begin(), first.end(), 0U);
    Capture captured =
        capture(*subject_->executors[0], gather(subject_->data, first, 16, at::kCPU));
    auto values = describe_values(*subject_->graph, subject_->profile, captured);
    const Targets none{std::vector<bool>(subject_->graph->values.size(), false),
                       std::vector<bool>(subject_->graph->nodes.size(), false)};
    Program program = run::compile(*subject_->graph, subject_->profile, std::move(captured),
                                   std::move(values), {}, none);
    EXPECT_EQ(program.refusal, "");
    return std::make_unique<WaveShared>(std::move(program), WaveSettings{.forms = forms});
  }

  std::vector<std::vector<std::byte>> outputs(
      WaveShared& shared, std::array<std::uint64_t, form_kinds>* rows = nullptr) {
    WaveRunner runner(shared, *subject_->executors[0]);
    std::vector<injectors::Effect> effects;
    runner.run(chunk_, *golden_, effects);
    std::vector<std::vector<std::byte>> all(chunk_.size());
    for (const Row& row : runner.rows(0)) {
      all[row.trial].resize(shared.program.value(shared.program.outputs[0]).bytes());
      runner.output(0, row.trial, &row, all[row.trial].data());
    }
    for (std::size_t s = 0; rows != nullptr && s < shared.program.steps.size(); ++s) {
      if (shared.program.steps[s].kind == StepKind::convolution) {
        for (std::size_t f = 0; f < form_kinds; ++f)
          (*rows)[f] += runner.counters().rows_by_form[s][f];
      }
    }
    return all;
  }

  std::unique_ptr<campaign::Subject> subject_;
  std::unique_ptr<WaveShared> shared_;
  std::unique_ptr<GoldenBlock> golden_;
  Chunk chunk_;
};

TEST_F(ConvolutionStep, EveryChoiceOfFormsGivesTheSameOutputs) {
  const auto dense = outputs(*compile(FormChoice::dense));
  for (const FormChoice forms : {FormChoice::fastest, FormChoice::own, FormChoice::crop,
                                 FormChoice::canvas, FormChoice::random}) {
    std::array<std::uint64_t, form_kinds> rows{};
    const auto shared = compile(forms);
    EXPECT_EQ(outputs(*shared, &rows), dense) << static_cast<int>(forms);
    if (forms == FormChoice::crop || forms == FormChoice::canvas) {
      EXPECT_GT(rows[static_cast<std::size_t>(forms) - 1], 0U) << static_cast<int>(forms);
    }
  }
}

TEST_F(ConvolutionStep, ASentinelEndsARunWhoseLibraryErrsBehindTheProofs) {
  auto errs = std::make_shared<bool>(false);
  const auto shared = compile(FormChoice::crop);
  shared->convolutions = ConvolutionForms(
      shared->program.steps.size(), 1,
      [errs](const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
             at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
             std::int64_t groups) {
        at::Tensor output = at::conv2d(input, weight, bias, stride, padding, dilation, groups);
        return *errs ? output.mul_(1.000001F) : output;
      });
  outputs(*shared);  // proves what this chunk needs
  *errs = true;
  const std::string message = support::message_of<RunError>([&] { outputs(*shared); });
  EXPECT_THAT(message, HasSubstr("conv2d at"));
  EXPECT_THAT(message, HasSubstr("a clean window"));
}

}  // namespace
}  // namespace softbeam::run
