// softbeam bench: what it prints, what it refuses, and that it leaves nothing behind. Speeds are
// measured for a moment only and no test looks at one.
#include <signal.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cli/command_line.h"

namespace softbeam::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

class Bench : public CommandLine {
 protected:
  // Temporary files go to a folder of the test's own.
  support::Launch bench(Arguments more) const {
    Arguments all{"bench", "--seconds", "0.01"};
    all.insert(all.end(), more.begin(), more.end());
    support::Launch result = launch(std::move(all));
    std::filesystem::create_directories(path("tmp"));
    result.environment = {{"TMPDIR", path("tmp")}};
    return result;
  }
  support::Finished finished(Arguments more) const {
    return support::run_program(bench(std::move(more)));
  }
  std::string printed(Arguments more) const {
    const support::Finished done = finished(std::move(more));
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    return done.out;
  }
  std::string not_run(int exit_code, Arguments more) const {
    const support::Finished done = finished(std::move(more));
    EXPECT_EQ(done.exit_code, exit_code) << done.err;
    EXPECT_EQ(done.out, "");
    return done.err;
  }
  bool left_nothing() const { return std::filesystem::is_empty(path("tmp")); }

  static Arguments lenet5_with(const Arguments& more = {}) {
    Arguments all{model("lenet5.pt2"), "--data", model("digits.npz"), "--plain-trials", "256"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  static void expect_speeds(const json& measured) {
    EXPECT_GT(measured["eager"]["images_per_second"], 0.0);
    EXPECT_FALSE(measured["eager"]["settings"].empty());
    for (const char* mode : {"plain", "wave"}) {
      EXPECT_GT(measured[mode]["trials_per_second"], 0.0) << mode;
      EXPECT_GT(measured[mode]["ratio_to_eager"], 0.0) << mode;
      EXPECT_GT(measured[mode]["cpu_seconds"], 0.0) << mode;
      EXPECT_GT(measured[mode]["seconds"], measured[mode]["golden_seconds"]) << mode;
    }
    EXPECT_GE(measured["fastest_images_per_second"], measured["eager"]["images_per_second"]);
    EXPECT_GT(measured["wave"]["peak_bytes"], 1 << 20);
  }
};

TEST_F(Bench, PrintsEverySpeedAndWhereTheTimeWent) {
  const std::string text = printed(lenet5_with({"--campaign.trials", "600"}));
  for (const char* line : {"lenet5.pt2 on cpu",
                           "64 samples of digits.npz [1, 28, 28], 416,520 multiply-adds",
                           "eager LibTorch",
                           "channels_last",
                           "frozen",
                           "plain",
                           "256 trials",
                           "wave",
                           "600 trials",
                           "x eager",
                           "x the fastest",
                           "x plain",
                           "multiply-adds done",
                           "efficiency",
                           "golden, twice",
                           "set-up",
                           "peak memory",
                           "Time of the wave by kind of node",
                           "convolution",
                           "rest",
                           "Layers, with rows by form",
                           "conv2"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_TRUE(left_nothing());
}

TEST_F(Bench, JsonHoldsTheSameAndMore) {
  const json measured = json::parse(printed(lenet5_with({"--campaign.trials", "600", "--json"})));
  expect_speeds(measured);
  EXPECT_EQ(measured["model"]["macs"], 416520);
  EXPECT_EQ(measured["data"]["samples"], 64);
  EXPECT_EQ(measured["plain"]["trials"], 256);
  EXPECT_EQ(measured["wave"]["trials"], 600);
  EXPECT_GT(measured["wave"]["ratio_to_plain"], 0.0);
  EXPECT_GT(measured["wave"]["ratio_to_fastest"], 0.0);
  EXPECT_GT(measured["wave"]["share_of_macs"], 0.0);
  EXPECT_GT(measured["wave"]["efficiency"], 0.0);
  EXPECT_GT(measured["wave"]["seconds_by_kind"]["convolution"], 0.0);
  EXPECT_GT(measured["wave"]["layers"].size(), 4U);
  for (const json& layer : measured["wave"]["layers"]) EXPECT_GT(layer["seconds"], 0.0) << layer;
  EXPECT_EQ(measured["wave"]["notes"][0], json({{"note", "mode"}, {"text", "wave"}}));
  ASSERT_EQ(measured["variants"].size(), 2U);
  for (const json& variant : measured["variants"]) {
    EXPECT_FALSE(variant.contains("problem")) << variant;
    EXPECT_GT(variant["images_per_second"], 0.0) << variant;
  }
}

TEST_F(Bench, WithoutTrialsThereAreEnoughForItsSetUp) {
  const json measured = json::parse(printed(lenet5_with({"--json"})));
  EXPECT_GE(measured["wave"]["trials"], 8192);
}

TEST_F(Bench, WithoutDataItMakesSamplesUp) {
  const Arguments few{"--plain-trials", "16", "--campaign.trials", "64"};
  Arguments exported{model("two_outputs.pt2")};
  exported.insert(exported.end(), few.begin(), few.end());
  EXPECT_THAT(printed(exported), HasSubstr("64 made-up samples [3, 12, 12]"));
  // A TorchScript file does not say the shape.
  Arguments traced{model("lenet5.traced.pt")};
  traced.insert(traced.end(), few.begin(), few.end());
  EXPECT_THAT(not_run(2, traced), HasSubstr("--input-shape"));
  traced.insert(traced.end(), {"--input-shape", "1,28,28"});
  EXPECT_THAT(printed(traced), HasSubstr("64 made-up samples [1, 28, 28]"));
}

TEST_F(Bench, MeasuresModelsOfEveryKind) {
  for (const char* name : {"static_batch.pt2", "inplace_views.pt2", "scalars.traced.pt", "tied.pt2",
                           "batch_moves.pt2", "bfloat16.pt2", "buffer_view.pt2"}) {
    const json measured =
        json::parse(printed({model(name), "--data", model("small.npz"), "--plain-trials", "16",
                             "--campaign.trials", "64", "--json"}));
    SCOPED_TRACE(name);
    expect_speeds(measured);
    EXPECT_TRUE(left_nothing());
  }
}

TEST_F(Bench, TakesTheKeysOfACampaign) {
  const std::string file = folder_.write(
      "weights.yaml", fmt::format("model: {{file: {}}}\ndata: {{file: {}, limit: 8}}\n"
                                  "faults: {{where: weights}}\ncampaign: {{trials: 64}}\n",
                                  model("lenet5.pt2"), model("digits.npz")));
  const json measured = json::parse(printed({file, "--json", "--plain-trials", "16"}));
  EXPECT_EQ(measured["wave"]["trials"], 64);
  EXPECT_EQ(measured["data"]["samples"], 8);
  const json more =
      json::parse(printed({file, "--json", "--plain-trials", "16", "--campaign.trials", "80"}));
  EXPECT_EQ(more["wave"]["trials"], 80);
}

TEST_F(Bench, RefusesFlagsBeforeAnyWork) {
  const std::vector<std::pair<Arguments, std::string>> cases{
      {{"--seconds", "1"}, "--seconds: given 2 times"},
      {{"--campaign.trials", "1e3"}, "--campaign.trials"},
      {{"--campaign.trails", "5"}, "did you mean '--campaign.trials'?"},
      {{"--run.mode", "plain"}, "bench measures both modes"},
      {{"--model.file", "a.pt2"}, "--model.file: given beside the model"},
      {{"--data.file", "a.npz"}, "given 2 times"},
      {{"--input-shape", "1,28,28"}, "--input-shape: given beside --data"},
      {{"--faults.sites", "nowhere"}, "nowhere"},
      {{"--run.device", "cuda"}, "not built yet"},
      {{"--json=5"}, "--json"},
      {{"more"}, "unexpected argument 'more'"}};
  for (const auto& [flags, message] : cases) {
    EXPECT_THAT(not_run(2, lenet5_with(flags)),
                AllOf(testing::StartsWith("softbeam: "), HasSubstr(message)));
  }
  EXPECT_THAT(not_run(2, {}), HasSubstr("MODEL is missing"));
  EXPECT_THAT(not_run(2, {model("lenet5.pt2"), "--plain-trials", "0"}),
              HasSubstr("--plain-trials: '0'"));
  EXPECT_THAT(refused(2, {"bench", model("lenet5.pt2"), "--seconds", "0"}),
              HasSubstr("--seconds: '0'"));
  EXPECT_THAT(refused(2, {"bench", model("lenet5.pt2"), "--seconds", "soon"}),
              HasSubstr("--seconds: 'soon'"));
  EXPECT_THAT(not_run(1, {path("none.pt2")}), HasSubstr("none.pt2"));
  EXPECT_TRUE(left_nothing());
}

TEST_F(Bench, AFailureInTheMiddleLeavesNothing) {
  EXPECT_THAT(not_run(2, lenet5_with({"--run.memory", "1MiB"})), HasSubstr("run.memory"));
  EXPECT_TRUE(left_nothing());
  support::Launch no_folder = bench(lenet5_with());
  no_folder.environment = {{"TMPDIR", path("none")}};
  const support::Finished done = support::run_program(no_folder);
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.err, HasSubstr("TMPDIR"));
}

TEST_F(Bench, ControlCLeavesNothing) {
  using namespace std::chrono_literals;
  support::Process process(bench(lenet5_with({"--campaign.trials", "100000000"})));
  std::filesystem::create_directories(path("tmp"));
  while (left_nothing() && process.running()) std::this_thread::sleep_for(1ms);
  process.send(SIGINT);
  const support::Finished done = process.wait();
  EXPECT_EQ(done.exit_code, 130) << done.err;
  EXPECT_EQ(done.out, "");
  EXPECT_THAT(done.err, HasSubstr("stopped"));
  EXPECT_TRUE(left_nothing());
}

}  // namespace
}  // namespace softbeam::cli
