// Regions within a whole wave against full inferences: the same outputs, effects and depths,
// wherever the faults strike.
#include "host/run/wave/region_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "host/run/plain.h"
#include "host/run/wave/wave_runner.h"
#include "tests/run/wave_region/made_graph.h"

namespace softbeam::run::testing {
namespace {

constexpr std::int64_t batch = 16;

// Branches, concatenation, several readers, in-place operators, images and whole rows.
std::shared_ptr<const model::Graph> network() {
  GraphMaker maker({batch, 3, 12, 12});
  const auto x = maker.call("mul.Scalar", "scaled", {maker.input, 0.9});
  const auto stem =
      maker.call("relu_", "stem", {maker.batch_norm("bn0", maker.conv("conv0", x, 3, 8), 8)});
  const auto one =
      maker.call("hardtanh", "relu6",
                 {maker.batch_norm("bn1", maker.conv("conv1", stem, 8, 16, 3, 2), 16), 0.0, 6.0});
  const auto two = maker.batch_norm("bn2", maker.conv("conv2", one, 16, 16), 16);
  const auto down = maker.batch_norm("bnd", maker.conv("convd", stem, 8, 16, 1, 2), 16);
  const auto sum = maker.call("add_.Tensor", "sum", {two, down});
  const auto block = maker.call("relu_", "block", {sum});
  const auto three = maker.call("silu", "silu", {maker.conv("conv3", block, 16, 8)});
  const auto cat = maker.call("cat", "cat", {std::vector{three, block}, 1});
  const auto norm = maker.batch_norm("bnc", cat, 24);
  const auto act = maker.call("relu", "act", {norm});
  const auto pool =
      maker.call("adaptive_avg_pool2d", "pool", {act, std::vector<std::int64_t>{2, 2}});
  const auto flat = maker.call("flatten.using_ints", "flat", {pool, 1});
  const auto hidden = maker.call("linear", "fc", {flat, maker.stored("fcw", at::randn({32, 96}))});
  const auto rows = maker.call("relu", "row_relu", {maker.batch_norm("row_bn", hidden, 32)});
  const auto kept = maker.call("dropout", "drop", {rows, 0.5, false});
  const auto out = maker.call("linear", "out", {kept, maker.stored("outw", at::randn({10, 32}))});
  return maker.finish({out, norm});
}

class Wave {
 public:
  explicit Wave(const std::shared_ptr<const model::Graph>& graph)
      : made(graph, at::randn(graph->inputs.front().shape)) {
    data.shape = made.samples.sizes().slice(1).vec();
    data.samples = static_cast<std::uint64_t>(batch);
    const auto* words = made.samples.const_data_ptr<float>();
    data.images.assign(words, words + made.samples.numel());
    runners.push_back(std::make_unique<PlainRunner>(*made.executor, made.profile, data));
    for (std::uint32_t s = 0; s < batch; ++s) samples.push_back(s);
  }

  // Trials of one or more random flips each, in any values.
  Chunk faults(std::size_t trials, std::size_t most_strikes, unsigned seed,
               bool zero_effect = false) const {
    std::mt19937 random(seed);
    Chunk chunk;
    chunk.first = {0};
    for (std::uint32_t t = 0; t < trials; ++t) {
      chunk.trials.push_back({{t}, {t}, {static_cast<std::uint32_t>(random() % batch)}});
      const std::size_t strikes = 1 + random() % most_strikes;
      const std::size_t start = chunk.corruptions.size();
      while (chunk.corruptions.size() < start + strikes) {
        const auto& site = made.profile.sites[random() % made.profile.sites.size()];
        if (site.kind != execute::SiteKind::output) {
          continue;
        }
        injectors::Corruption corruption{.site = site.id, .element = random() % site.elements};
        corruption.masks = {0xFFFFFFFF, zero_effect ? 0 : std::uint64_t{1} << (random() % 32)};
        const bool there =
            std::any_of(chunk.corruptions.begin() + static_cast<std::ptrdiff_t>(start),
                        chunk.corruptions.end(), [&](const auto& c) {
                          return c.site == corruption.site && c.element == corruption.element;
                        });
        if (!there) chunk.corruptions.push_back(corruption);
      }
      chunk.first.push_back(chunk.corruptions.size());
    }
    return chunk;
  }

  Made made;
  data::Dataset data;
  std::vector<std::unique_ptr<PlainRunner>> runners;
  std::vector<std::uint32_t> samples;
};

// What a wave says of its trials.
struct Answer {
  std::vector<std::vector<float>> outputs;  // by trial, all outputs in a row
  std::vector<injectors::Effect> effects;
  std::vector<std::optional<std::uint32_t>> depths;
};

Answer run_wave(Wave& wave, const Chunk& chunk, std::vector<Region> regions,
                bool zero_fault = false) {
  WaveShared shared(compile(*wave.made.graph, wave.made.profile, wave.made.captured,
                            wave.made.values, std::move(regions),
                            {std::vector<bool>(wave.made.graph->values.size(), false),
                             std::vector<bool>(wave.made.graph->nodes.size(), false)}),
                    WaveSettings{});
  EXPECT_EQ(shared.program.refusal, "");
  const GoldenBlock golden(shared.program, wave.runners, wave.samples, {});
  WaveRunner runner(shared, *wave.made.executor);
  Answer answer;
  runner.run(chunk, golden, answer.effects, zero_fault);
  answer.outputs.resize(chunk.size());
  for (std::size_t o = 0; o < shared.program.outputs.size(); ++o) {
    const auto& rows = runner.rows(o);
    const std::uint64_t words = shared.program.value(shared.program.outputs[o]).elements;
    auto row = rows.begin();
    for (std::uint32_t t = 0; t < chunk.size(); ++t) {
      const bool has = row != rows.end() && row->trial == t;
      std::vector<float> whole(words);
      runner.output(o, t, has ? &*row : nullptr, reinterpret_cast<std::byte*>(whole.data()));
      answer.outputs[t].insert(answer.outputs[t].end(), whole.begin(), whole.end());
      row += has ? 1 : 0;
    }
  }
  for (std::uint32_t t = 0; t < chunk.size(); ++t) {
    answer.depths.push_back(runner.depth(t));
  }
  return answer;
}

// Compares every value of a full inference with golden.
class DepthHooks : public execute::Hooks {
 public:
  DepthHooks(const Made& made, const Chunk& chunk, std::size_t first, Answer& answer)
      : made_(made), chunk_(chunk), first_(first), answer_(answer) {}
  void observe(model::ValueId id, const at::Tensor& tensor) override {
    const WaveValue& value = made_.values[id.value];
    if (!value.per_sample || tensor.scalar_type() != at::kFloat) {
      return;
    }
    const at::Tensor rows = tensor.contiguous();
    for (std::size_t t = first_; t < std::min(first_ + batch, chunk_.size()); ++t) {
      const std::uint32_t sample = chunk_.trials[t].sample.value;
      if (std::memcmp(rows.const_data_ptr<float>() + (t - first_) * value.elements,
                      made_.golden().row(id, sample), value.bytes()) != 0) {
        answer_.depths[t] = std::max(answer_.depths[t].value_or(0), value.last_use.value);
      }
    }
  }

 private:
  const Made& made_;
  const Chunk& chunk_;
  std::size_t first_;
  Answer& answer_;
};

Answer run_plain(Wave& wave, const Chunk& chunk) {
  Answer answer;
  answer.outputs.resize(chunk.size());
  answer.depths.resize(chunk.size());
  for (std::size_t first = 0; first < chunk.size(); first += batch) {
    const std::size_t last = std::min<std::size_t>(first + batch, chunk.size());
    Chunk part;
    part.first = {0};
    for (std::size_t t = first; t < last; ++t) {
      part.trials.push_back(chunk.trials[t]);
      part.corruptions.insert(
          part.corruptions.end(),
          chunk.corruptions.begin() + static_cast<std::ptrdiff_t>(chunk.first[t]),
          chunk.corruptions.begin() + static_cast<std::ptrdiff_t>(chunk.first[t + 1]));
      part.first.push_back(part.corruptions.size());
    }
    DepthHooks hooks(wave.made, chunk, first, answer);
    const ChunkResult result = wave.runners.front()->run(part, &hooks);
    answer.effects.insert(answer.effects.end(), result.effects.begin(), result.effects.end());
    for (std::size_t t = first; t < last; ++t) {
      for (const at::Tensor& output : result.outputs) {
        const auto* words =
            output.const_data_ptr<float>() + static_cast<std::int64_t>(t - first) * output.size(1);
        answer.outputs[t].insert(answer.outputs[t].end(), words, words + output.size(1));
      }
    }
  }
  return answer;
}

void expect_same(const Answer& a, const Answer& b, const Chunk& chunk, const Made& made) {
  EXPECT_EQ(a.effects, b.effects);
  for (std::size_t t = 0; t < chunk.size(); ++t) {
    const auto site = chunk.corruptions[chunk.first[t]].site;
    const std::string what = "trial " + std::to_string(t) + " at " + made.profile.site(site).name;
    ASSERT_EQ(a.outputs[t].size(), b.outputs[t].size());
    ASSERT_EQ(std::memcmp(a.outputs[t].data(), b.outputs[t].data(), a.outputs[t].size() * 4), 0)
        << what;
    ASSERT_EQ(a.depths[t], b.depths[t]) << what;
  }
}

TEST(RegionStep, AWaveWithRegionsEqualsFullInferences) {
  Wave wave(network());
  const auto regions = wave.made.regions();
  EXPECT_GE(regions.size(), 6U);
  for (const Region& region : regions) {
    ASSERT_EQ(wave.made.prove(region), "");
  }
  for (const std::size_t strikes : {1, 4}) {
    const Chunk chunk = wave.faults(800, strikes, 5);
    const Answer plain = run_plain(wave, chunk);
    {
      SCOPED_TRACE("node by node");
      expect_same(run_wave(wave, chunk, {}), plain, chunk, wave.made);
    }
    SCOPED_TRACE("regions");
    expect_same(run_wave(wave, chunk, regions), plain, chunk, wave.made);
  }
}

TEST(RegionStep, AWaveWithoutFaultsEqualsGolden) {
  Wave wave(network());
  const Chunk chunk = wave.faults(100, 3, 6, /*zero_effect=*/true);
  const Answer answer = run_wave(wave, chunk, wave.made.regions(), /*zero_fault=*/true);
  expect_same(answer, run_wave(wave, chunk, {}, /*zero_fault=*/true), chunk, wave.made);
}

TEST(RegionStep, AWrongRegionEndsTheWaveWithoutFaults) {
  Wave wave(network());
  const Chunk chunk = wave.faults(100, 3, 6, /*zero_effect=*/true);
  auto regions = wave.made.regions();
  for (Stage& stage : regions[1].stages) {
    for (float& scale : stage.scale) scale *= 1.5F;
  }
  EXPECT_THAT([&] { run_wave(wave, chunk, regions, /*zero_fault=*/true); },
              ::testing::ThrowsMessage<RunError>(::testing::HasSubstr("stem")));
}

}  // namespace
}  // namespace softbeam::run::testing
