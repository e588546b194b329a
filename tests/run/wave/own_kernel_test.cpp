// Our own kernels equal the slow sum in every order, for every instruction set of this machine; the
// probe finds the order that a sum was made in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "host/run/wave/own/interleave.h"
#include "host/run/wave/own/kernel.h"
#include "host/run/wave/own/probe.h"
#include "host/run/wave/same_words.h"
#include "injectors/rng.h"

namespace softbeam::run {
namespace {

using injectors::Stream;

float noise(Stream& random) { return static_cast<float>(random.next32() >> 8) * 0x1p-23F - 1.0F; }

// One word in eight is a zero of either sign, one in forty something worse.
float hostile(Stream& random) {
  using Limits = std::numeric_limits<float>;
  constexpr float bad[] = {Limits::infinity(),
                           -Limits::infinity(),
                           Limits::quiet_NaN(),
                           Limits::denorm_min(),
                           -1e-40F,
                           1e38F};
  const std::uint32_t draw = random.next32();
  if (draw % 8 == 0) return draw % 16 == 0 ? 0.0F : -0.0F;
  if (draw % 40 == 1) return bad[draw / 40 % std::size(bad)];
  return noise(random);
}

std::vector<InstructionSet> sets() {
  std::vector<InstructionSet> all;
  if (const auto best = instruction_set()) {
    all.push_back(InstructionSet::avx2);
    if (*best == InstructionSet::avx512) all.push_back(InstructionSet::avx512);
  }
  return all;
}

// Images of [line][column][channel] under a kernel of taps, and what the kernels make of them.
struct Sums {
  Sums(std::int32_t tap_count, std::int32_t channel_count, std::int32_t filter_count,
       std::size_t position_count, Stream& random, bool is_hostile)
      : taps(tap_count), channels(channel_count), filters(filter_count) {
    words.resize(position_count * static_cast<std::size_t>(channels) + 1000);
    for (float& word : words) word = is_hostile ? hostile(random) : noise(random);
    weights.resize(static_cast<std::size_t>(filters * taps * channels));
    for (float& weight : weights) weight = noise(random);
    for (std::int32_t f = 0; f < filters; ++f) bias.push_back(noise(random));
    for (std::int32_t t = 0; t < taps; ++t) {
      offsets.push_back(static_cast<std::ptrdiff_t>(
          random.below(900 - static_cast<std::uint64_t>(std::min(channels, 800)))));
    }
    for (std::size_t p = 0; p < position_count; ++p) {
      positions.push_back(words.data() + p * static_cast<std::size_t>(channels));
    }
  }

  float expected(std::size_t position, std::int32_t filter, const SumOrder& order) const {
    std::vector<float> x;
    for (std::int32_t t = 0; t < taps; ++t) {
      const float* first = positions[position] + offsets[static_cast<std::size_t>(t)];
      x.insert(x.end(), first, first + channels);
    }
    return sum_in_order(order, taps, channels, x.data(),
                        weights.data() + std::ptrdiff_t{filter} * taps * channels,
                        bias[static_cast<std::size_t>(filter)]);
  }

  // Vectors two by two, then one; of each the products in their order.
  std::vector<float> panel(const SumOrder& order, std::int32_t vectors, std::int32_t lane) const {
    std::vector<float> packed;
    for (std::int32_t v = 0; v < vectors;) {
      const std::int32_t together = v + vectors_together <= vectors ? vectors_together : 1;
      for (std::int32_t first = 0; first < channels; first += order.block) {
        for (std::int32_t t = 0; t < taps; ++t) {
          for (std::int32_t c = first; c < std::min(first + order.block, channels); ++c) {
            for (std::int32_t f = v * lane; f < (v + together) * lane; ++f) {
              packed.push_back(
                  f < filters ? weights[static_cast<std::size_t>((f * taps + t) * channels + c)]
                              : 0.0F);
            }
          }
        }
      }
      v += together;
    }
    return packed;
  }

  std::int32_t taps;
  std::int32_t channels;
  std::int32_t filters;
  std::vector<float> words;
  std::vector<float> weights;  // [filter][tap][channel]
  std::vector<float> bias;
  std::vector<const float*> positions;
  std::vector<std::ptrdiff_t> offsets;
};

void expect_slow_sums(const Sums& sums, const SumOrder& order, InstructionSet set) {
  const std::int32_t lane = lanes(set);
  const std::int32_t vectors = (sums.filters + lane - 1) / lane;
  const std::vector<float> weights = sums.panel(order, vectors, lane);
  std::vector<float> bias = sums.bias;
  bias.resize(static_cast<std::size_t>(vectors * lane));
  std::vector<float> output(sums.positions.size() * bias.size(), 99.0F);
  run(SumJob{.inputs = sums.positions.data(),
             .positions = sums.positions.size(),
             .taps = sums.offsets.data(),
             .tap_count = sums.taps,
             .channels = sums.channels,
             .order = order,
             .weights = weights.data(),
             .bias = bias.data(),
             .output = output.data(),
             .output_stride = vectors * lane,
             .vectors = vectors},
      set);
  for (std::size_t p = 0; p < sums.positions.size(); ++p) {
    for (std::int32_t f = 0; f < sums.filters; ++f) {
      const float found = output[p * bias.size() + static_cast<std::size_t>(f)];
      ASSERT_TRUE(same_word(found, sums.expected(p, f, order)))
          << describe(order) << ", " << lane << " lanes, position " << p << ", filter " << f << ": "
          << found << ", not " << sums.expected(p, f, order);
    }
  }
}

class OwnKernel : public testing::TestWithParam<bool> {};

TEST_P(OwnKernel, EqualsTheSlowSumInEveryOrder) {
  if (sets().empty()) GTEST_SKIP() << "this processor has no AVX2";
  Stream random(3, 0, injectors::Purpose::probe);
  for (const auto& [taps, channels, filters, positions] : {std::tuple{1, 40, 20, 17U},
                                                           {9, 16, 33, 30U},
                                                           {9, 40, 16, 5U},
                                                           {25, 3, 8, 14U},
                                                           {4, 1, 70, 3U},
                                                           {1, 200, 64, 43U},
                                                           {6, 24, 1, 1U}}) {
    const Sums sums(taps, channels, filters, positions, random, GetParam());
    for (const bool has_bias : {false, true}) {
      for (const SumOrder& order : known_orders(taps, channels, has_bias)) {
        for (const InstructionSet set : sets()) expect_slow_sums(sums, order, set);
      }
    }
  }
}

TEST_P(OwnKernel, DepthwiseEqualsTheSlowSum) {
  if (sets().empty()) GTEST_SKIP() << "this processor has no AVX2";
  Stream random(4, 0, injectors::Purpose::probe);
  for (const InstructionSet set : sets()) {
    for (const std::size_t positions : {1U, 8U, 19U}) {
      const std::int32_t width = 3 * lanes(set);
      const Sums sums(9, width, 1, positions, random, GetParam());  // weights: [tap][channel]
      std::vector<float> bias(static_cast<std::size_t>(width));
      for (float& b : bias) b = noise(random);
      for (const BiasAt at : {BiasAt::none, BiasAt::first, BiasAt::last}) {
        std::vector<float> output(positions * static_cast<std::size_t>(width));
        run(DepthwiseJob{.inputs = sums.positions.data(),
                         .positions = positions,
                         .taps = sums.offsets.data(),
                         .tap_count = 9,
                         .bias_at = at,
                         .weights = sums.weights.data(),
                         .bias = bias.data(),
                         .output = output.data(),
                         .output_stride = width,
                         .vectors = 3},
            set);
        for (std::size_t i = 0; i < output.size(); ++i) {
          const std::size_t p = i / static_cast<std::size_t>(width);
          const std::size_t c = i % static_cast<std::size_t>(width);
          std::vector<float> x;
          std::vector<float> w;
          for (std::size_t t = 0; t < 9; ++t) {
            x.push_back(sums.positions[p][sums.offsets[t] + static_cast<std::ptrdiff_t>(c)]);
            w.push_back(sums.weights[t * static_cast<std::size_t>(width) + c]);
          }
          ASSERT_TRUE(same_word(output[i],
                                sum_in_order({1, false, at}, 9, 1, x.data(), w.data(), bias[c])));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Words, OwnKernel, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "Hostile" : "Noise"; });

TEST(Probe, FindsTheOrderThatASumWasMadeIn) {
  Stream random(5, 0, injectors::Purpose::probe);
  const Sums sums(9, 40, 8, 60, random, false);
  for (const SumOrder& made : known_orders(9, 40, true)) {
    std::vector<SumSample> samples;
    for (std::size_t p = 0; p < sums.positions.size(); ++p) {
      SumSample sample;
      const auto filter = static_cast<std::int32_t>(p % 8);
      for (const std::ptrdiff_t offset : sums.offsets) {
        sample.inputs.insert(sample.inputs.end(), sums.positions[p] + offset,
                             sums.positions[p] + offset + 40);
      }
      const auto first = sums.weights.begin() + filter * 360;
      sample.weights.assign(first, first + 360);
      sample.bias = sums.bias[static_cast<std::size_t>(filter)];
      sample.result = sums.expected(p, filter, made);
      samples.push_back(std::move(sample));
    }
    EXPECT_EQ(find_order(9, 40, true, samples), made) << describe(made);
    // One word that is off by one unit, and none fits.
    samples.back().result = std::nextafter(samples.back().result, 1e9F);
    EXPECT_EQ(find_order(9, 40, true, samples).block, 0);
  }
}

TEST(Interleave, IsUndoneBySeparate) {
  Stream random(6, 0, injectors::Purpose::probe);
  for (const std::int32_t channels : {1, 3, 4, 7, 16, 33}) {
    for (const std::int32_t width : {1, 3, 4, 5, 9}) {
      const std::int32_t lines = 3;
      std::vector<float> planes(static_cast<std::size_t>(channels * lines * width));
      for (float& word : planes) word = noise(random);
      const std::ptrdiff_t pixel = channels + 2;
      std::vector<float> together(static_cast<std::size_t>(lines * width * pixel), 7.0F);
      interleave({.data = planes.data(), .line = width, .plane = std::ptrdiff_t{lines} * width},
                 channels, lines, width, together.data(), width * pixel, pixel);
      for (std::int32_t i = 0; i < lines * width; ++i) {
        EXPECT_EQ(together[static_cast<std::size_t>(i * pixel + channels)], 7.0F);
        EXPECT_EQ(together[static_cast<std::size_t>(i * pixel)],
                  planes[static_cast<std::size_t>(i)]);
      }
      std::vector<float> back(planes.size());
      separate(together.data(), pixel, channels, lines * width, back.data());
      EXPECT_EQ(back, planes);
    }
  }
}

TEST(Interleave, TakesEverySecondPixel) {
  const std::vector<float> planes{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18};
  std::vector<float> together(8);
  interleave({.data = planes.data(), .line = 6, .pixel = 2, .plane = 9}, 2, 2, 2, together.data(),
             4, 2);
  EXPECT_THAT(together, testing::ElementsAre(0, 10, 2, 12, 6, 16, 8, 18));
}

}  // namespace
}  // namespace softbeam::run
