// Models that the wave cannot follow, or only with care: numbers and sizes made from the data, NaN
// inside golden, writes into constants, operators that are not what the proofs saw.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "host/base/error.h"
#include "host/campaign/wave.h"
#include "tests/campaign/csv_rows.h"
#include "tests/run/wave_region/made_graph.h"
#include "tests/support/message_of.h"

namespace softbeam::campaign {
namespace {

using config::CampaignConfig;
using config::Mode;
using model::ValueId;
using run::testing::GraphMaker;
using testing::HasSubstr;
using Graph = std::shared_ptr<const model::Graph>;

constexpr std::uint64_t samples = 6;
const std::vector<std::int64_t> image{3, 8, 8};

data::Dataset noise() {
  at::manual_seed(11);
  const at::Tensor all = at::randn({samples, 3, 8, 8});
  data::Dataset data;
  data.shape = image;
  data.samples = samples;
  data.images.assign(all.const_data_ptr<float>(), all.const_data_ptr<float>() + all.numel());
  return data;
}

CampaignConfig config_for(std::uint64_t batch, std::uint64_t trials) {
  CampaignConfig config;
  config.model.file = "made";
  config.data.file = "made";
  config.run.threads = 2;
  config.run.batch = batch;
  config.faults.sites = {"*"};
  config.campaign.trials = trials;
  return config;
}

Ran run_made(const Graph& graph, const CampaignConfig& config,
             const CampaignOptions& options = {}) {
  const support::TempDir folder;
  record::Store store = record::Store::open_for_writing(folder.path("a.db"));
  const auto subject = make_subject(config, graph, noise(), true);
  Ran ran{.result = run_campaign(*subject, config, store, options), .notes = {}, .rows = {}};
  ran.notes = store.notes(ran.result.id);
  ran.rows = csv(store, ran.result.id);
  return ran;
}

// What the campaign gives as asked, after a look at plain mode: the rows are the same.
Ran expect_plain_rows(const Graph& graph, CampaignConfig config,
                      const CampaignOptions& options = {}) {
  config.run.mode = Mode::wave;
  Ran ran = run_made(graph, config, options);
  config.run.mode = Mode::plain;
  config.run.verify = 0;
  const Ran plain = run_made(graph, config);
  EXPECT_EQ(without_depth(ran.rows), without_depth(plain.rows));
  return ran;
}

struct Convolved {
  explicit Convolved(std::int64_t images) : batch(images), graph({images, 3, 8, 8}) {
    at::manual_seed(3);
    conv = graph.conv("conv", graph.input, 3, 8);
  }
  // One score for each channel.
  Graph finish(ValueId x) {
    const std::vector<std::int64_t> plane{2, 3};
    return graph.finish({graph.call("mean.dim", "mean", {x, plane})}, batch);
  }
  std::int64_t batch;
  GraphMaker graph;
  ValueId conv;
};

TEST(WaveExact, ANumberThatIsMadeFromTheDataIsPlainModeAndSaysWhy) {
  Convolved made(1);
  const ValueId size = made.graph.call("abs", "size", {made.conv});
  const ValueId largest = made.graph.call("amax", "largest", {size});
  const ValueId number = made.graph.call("item", "number", {largest});
  const Graph graph = made.finish(made.graph.call("mul.Scalar", "scaled", {made.conv, number}));
  const Ran ran = expect_plain_rows(graph, config_for(1, 120));
  EXPECT_EQ(ran.note("mode"), "plain");
  EXPECT_THAT(ran.note("no_wave"), HasSubstr("'number', a number that depends on the data"));
}

TEST(WaveExact, ANumberThatIsMadeFromSizesKeepsTheWave) {
  for (const std::int64_t batch : {1, 4}) {
    Convolved made(batch);
    const ValueId channels = made.graph.call("size.int", "channels", {made.conv, std::int64_t{1}});
    const ValueId more = made.graph.own("more", "more", {channels}, [](torch::jit::Stack& stack) {
      stack.front() = stack.front().toInt() + 1;
    });
    const Graph graph = made.finish(made.graph.call("mul.Scalar", "scaled", {made.conv, more}));
    const Ran ran = expect_plain_rows(graph, config_for(static_cast<std::uint64_t>(batch), 120));
    EXPECT_EQ(ran.note("mode"), "wave") << ran.note("no_wave");
  }
}

TEST(WaveExact, SizesThatAreMadeFromTheDataArePlainModeWithoutSitesBehindThem) {
  Convolved made(1);
  const ValueId high = made.graph.call("gt.Scalar", "high", {made.conv, 0.3});
  const ValueId chosen = made.graph.call("masked_select", "chosen", {made.conv, high});
  const ValueId total = made.graph.call("sum", "total", {chosen});
  const Graph graph = made.finish(made.graph.call("mul.Tensor", "scaled", {made.conv, total}));
  const Ran ran = expect_plain_rows(graph, config_for(1, 120));
  EXPECT_EQ(ran.note("mode"), "plain");
  EXPECT_THAT(ran.note("no_wave"), HasSubstr("masked_select"));
  EXPECT_THAT(ran.note("no_wave"), HasSubstr("depend on the data"));
  EXPECT_THAT(ran.rows, testing::Not(HasSubstr("chosen")));
  const auto subject = make_subject(config_for(1, 1), graph, noise(), false);
  for (const execute::Site& site : subject->profile.sites) {
    EXPECT_TRUE(site.name != "chosen" && site.name != "total" && site.name != "scaled")
        << site.name;
  }
}

// An operator that nobody knows to do so.
Graph with_open_sizes() {
  Convolved made(1);
  const ValueId chosen =
      made.graph.own("choose", "chosen", {made.conv}, [](torch::jit::Stack& stack) {
        const at::Tensor x = stack.front().toTensor();
        stack.front() = x.masked_select(x > 0.3);
      });
  const ValueId total = made.graph.call("sum", "total", {chosen});
  return made.finish(made.graph.call("mul.Tensor", "scaled", {made.conv, total}));
}

TEST(WaveExact, SizesThatChangeUnseenAreFoundBeforeTheFirstWave) {
  CampaignConfig config = config_for(1, 120);
  config.faults.sites = {"conv", "scaled"};
  const Ran ran = expect_plain_rows(with_open_sizes(), config);
  EXPECT_EQ(ran.note("mode"), "plain");
  EXPECT_THAT(ran.note("no_wave"), HasSubstr("'chosen'"));
}

TEST(WaveExact, AStrikeOfAValueWhoseSizesChangeUnseenEndsTheRun) {
  CampaignConfig config = config_for(1, 200);
  config.faults.sites = {"chosen"};
  const std::string message =
      support::message_of<RunError>([&] { run_made(with_open_sizes(), config); });
  EXPECT_THAT(message, HasSubstr("'chosen'"));
  EXPECT_THAT(message, HasSubstr("its sizes depend on the data"));
}

TEST(WaveExact, NanInsideGoldenEqualsPlainMode) {
  Convolved made(4);
  const ValueId root = made.graph.call("sqrt", "root", {made.conv});
  const ValueId swish = made.graph.call("hardswish", "swish", {root});
  const Graph graph = made.finish(made.graph.call("nan_to_num", "number", {swish, 0.5}));
  for (const std::uint64_t count : {1, 5}) {
    CampaignConfig config = config_for(4, 1500);
    config.faults.count = count;
    config.faults.bits = {injectors::BitRange{18, 31}};
    config.run.verify = 0.3;
    const Ran ran = expect_plain_rows(graph, config);
    EXPECT_EQ(ran.note("mode"), "wave") << ran.note("no_wave");
    EXPECT_THAT(ran.note("verified"), HasSubstr("all equal"));
  }
}

TEST(WaveExact, AnOperatorThatReadsTheSignOfANanIsPlainMode) {
  Convolved made(4);
  const ValueId root = made.graph.call("sqrt", "root", {made.conv});
  const Graph graph = made.finish(made.graph.call("copysign.Tensor", "sign", {made.conv, root}));
  const Ran ran = run_made(graph, config_for(4, 60));
  EXPECT_THAT(ran.note("no_wave"), HasSubstr("reads the bits of a NaN"));
}

TEST(WaveExact, AWriteIntoAConstantLeavesItForOtherCalls) {
  Convolved made(4);
  const ValueId other = made.graph.conv("other", made.graph.input, 3, 8, 5);
  const ValueId zeros = made.graph.stored("zeros", at::zeros({4, 8, 8, 8}));
  const ValueId first = made.graph.call("add_.Tensor", "first", {zeros, made.conv});
  const ValueId both = made.graph.call("add_.Tensor", "both", {first, other});
  const Graph graph = made.finish(made.graph.call("relu", "relu", {both}));
  CampaignConfig config = config_for(4, 200);
  config.faults.sites = {"conv", "other", "first", "relu"};
  const Ran ran = expect_plain_rows(graph, config);
  EXPECT_EQ(ran.note("mode"), "wave") << ran.note("no_wave");
}

// A node of which one call gives another result.
struct Turning {
  std::atomic<int> calls{0};
  std::atomic<int> wrong{-1};
  Graph graph() {
    Convolved made(4);
    const ValueId turned =
        made.graph.own("turn", "turned", {made.conv}, [this](torch::jit::Stack& stack) {
          const at::Tensor x = stack.front().toTensor();
          stack.front() = x.add(calls++ == wrong ? 1.0 : 0.5);
        });
    return made.finish(made.graph.call("softmax.int", "soft", {turned, std::int64_t{1}}));
  }
};

TEST(WaveExact, AZeroFaultWaveThatDiffersIsPlainModeAndSaysWhy) {
  Turning turning;
  CampaignConfig config = config_for(4, 60);
  config.run.threads = 1;
  const Graph graph = turning.graph();
  const auto wave_of = [&] {
    const auto subject = make_subject(config, graph, noise(), true);
    const int before = turning.calls;
    const Planned planned = make_plan(*subject, config, "");
    const Wave wave(*subject, config, planned);
    return std::pair(turning.calls - before, wave.refusal());
  };
  const auto [calls, refusal] = wave_of();
  EXPECT_EQ(refusal, "");
  const auto subject = make_subject(config, graph, noise(), true);
  turning.wrong = turning.calls + calls - 1;  // the last call is the zero-fault wave's
  const support::TempDir folder;
  record::Store store = record::Store::open_for_writing(folder.path("a.db"));
  const CampaignResult result = run_campaign(*subject, config, store, {});
  EXPECT_EQ(result.ending, Ending::complete);
  const auto notes = store.notes(result.id);
  EXPECT_THAT(notes, testing::Contains(testing::Pair(
                         "no_wave", HasSubstr("the zero-fault wave differs from golden"))));
}

TEST(WaveExact, GoldenThatChangesAfterTwoEqualRunsEndsTheRun) {
  Turning turning;
  CampaignConfig config = config_for(4, 60);
  config.run.allow_nondeterministic = true;
  const auto subject = make_subject(config, turning.graph(), noise(), true);
  EXPECT_TRUE(subject->deterministic());
  turning.wrong = turning.calls + 1;  // the capture is still as it was
  const support::TempDir folder;
  record::Store store = record::Store::open_for_writing(folder.path("a.db"));
  const std::string message =
      support::message_of<RunError>([&] { run_campaign(*subject, config, store, {}); });
  EXPECT_THAT(message, HasSubstr("not deterministic"));
  EXPECT_THAT(message, HasSubstr("--run.mode plain"));
  EXPECT_EQ(store.count(1), 0U);
}

TEST(WaveExact, BlocksOfFiltersThatErrAreSwitchedOffAndTheLayerIsComputedWhole) {
  at::manual_seed(5);
  GraphMaker made({4, 3, 8, 8});
  const ValueId conv = made.conv("conv", made.input, 3, 32);
  const Graph graph = made.finish({conv});
  CampaignConfig config = config_for(4, 60);
  config.run.threads = 1;
  config.faults.where = config::Where::weights;
  config.faults.bits = {injectors::BitRange{0, 20}};
  const auto subject = make_subject(config, graph, noise(), true);
  const Planned planned = make_plan(*subject, config, "");
  Wave wave(*subject, config, planned);
  ASSERT_EQ(wave.refusal(), "");
  run::Chunk chunk;
  chunk.fill(*planned.plan, 0, planned.plan->trials());
  std::vector<injectors::Effect> effects;
  wave.runner(0).run(chunk, wave.golden(), effects);
  EXPECT_THAT(wave.notes(), testing::Not(testing::Contains(testing::Key("switched_off"))));
  for (std::uint32_t slot = 0; slot < samples; ++slot) {  // as if channels 5 and 20 had erred
    auto* golden = const_cast<float*>(wave.golden().floats(conv, slot));
    golden[5 * 64] += 1.0F;
    golden[20 * 64] += 1.0F;
  }
  wave.runner(0).run(chunk, wave.golden(), effects);
  EXPECT_THAT(wave.notes(), testing::Contains(testing::Pair(
                                "switched_off", HasSubstr("blocks of struck filters"))));
}

TEST(WaveExact, TrialsThatRunAsPlainCountTheirMultiplyAdds) {
  at::manual_seed(5);
  GraphMaker made({4, 3, 8, 8});
  const ValueId weight = made.stored("weight", at::randn({8, 3, 3, 3}));
  const ValueId scaled = made.call("mul.Scalar", "scaled_weight", {weight, 0.5});
  const std::vector<std::int64_t> one{1, 1};
  const ValueId conv =
      made.call("conv2d", "conv", {made.input, scaled, run::testing::none(), one, one});
  const std::vector<std::int64_t> plane{2, 3};
  const Graph graph = made.finish({made.call("mean.dim", "mean", {conv, plane})});
  CampaignConfig config = config_for(4, 12);
  config.faults.where = config::Where::weights;
  const Ran ran = expect_plain_rows(graph, config);
  EXPECT_THAT(ran.note("plain_trials"), HasSubstr("12 trials"));
  const auto subject = make_subject(config, graph, noise(), false);
  EXPECT_EQ(ran.result.counters.macs, 12 * 4 * subject->profile.macs);  // a batch for each fault
}

}  // namespace
}  // namespace softbeam::campaign
