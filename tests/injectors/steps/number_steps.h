// Top-k and bias over every floating-point type, against sorting and sums in float64.
// Instantiated by tests/injectors/steps/steps_test.cpp and tests/cuda/steps_test.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "injectors/bias.h"
#include "injectors/fault_model.h"
#include "injectors/top_k.h"
#include "tests/injectors/steps/step_test.h"

namespace softbeam::tests {

template <injectors::DType dtype>
struct WordOf;
template <>
struct WordOf<injectors::DType::float32> {
  using type = std::uint32_t;
};
template <>
struct WordOf<injectors::DType::float64> {
  using type = std::uint64_t;
};
template <>
struct WordOf<injectors::DType::float16> {
  using type = std::uint16_t;
};
template <>
struct WordOf<injectors::DType::bfloat16> {
  using type = std::uint16_t;
};

template <class Where, injectors::DType Type>
struct OnType {
  using Device = Where;
  using Word = typename WordOf<Type>::type;
  static constexpr injectors::DType dtype = Type;
};

template <class Param>
class NumberSteps : public StepTest<Param> {};
TYPED_TEST_SUITE_P(NumberSteps);

TYPED_TEST_P(NumberSteps, TopScoresAreThoseOfASortedRow) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  constexpr injectors::DType dtype = TypeParam::dtype;
  for (const std::int32_t classes : {1, 2, 5, 31, 32, 33, 1000}) {
    constexpr std::uint32_t rows = 70;
    std::vector<Word> scores =
        random_words<Word>(rows * static_cast<std::size_t>(classes), this->generator_, dtype);
    // Ties: every fourth row has few different scores.
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (i / static_cast<std::size_t>(classes) % 4 == 0) {
        scores[i] = static_cast<Word>(*injectors::encode(static_cast<double>(i % 3), dtype));
      }
    }
    typename Device::template Array<Word> there(scores);
    typename Device::template Array<injectors::TopK> best(rows);
    Device::find_top_scores(dtype, there.data(), rows, classes, best.data());
    const std::vector<injectors::TopK> found = best.read();
    for (std::uint32_t r = 0; r < rows; ++r) {
      std::vector<std::pair<double, std::int32_t>> sorted;
      for (std::int32_t c = 0; c < classes; ++c) {
        const double score = injectors::decode(
            scores[r * static_cast<std::size_t>(classes) + static_cast<std::size_t>(c)], dtype);
        if (!std::isnan(score)) sorted.emplace_back(score, c);
      }
      std::stable_sort(sorted.begin(), sorted.end(),
                       [](const auto& a, const auto& b) { return a.first > b.first; });
      const auto known = std::min<std::size_t>(sorted.size(), 5);
      ASSERT_EQ(static_cast<std::size_t>(found[r].known), known) << r;
      for (std::size_t k = 0; k < known; ++k) {
        ASSERT_EQ(found[r].scores[k], sorted[k].first) << r << " " << k;
        ASSERT_EQ(found[r].indices[k], sorted[k].second) << r << " " << k;
      }
      const double margin =
          known < 2 ? std::numeric_limits<double>::infinity() : sorted[0].first - sorted[1].first;
      if (std::isnan(margin)) {
        ASSERT_TRUE(std::isnan(found[r].margin()));
      } else {
        ASSERT_EQ(found[r].margin(), margin) << r;
      }
    }
  }
}

// Float64 holds the sum of two narrower numbers closely enough to round it once (innocuous double
// rounding: 53 bits >= 2 * 24 + 2).
TYPED_TEST_P(NumberSteps, BiasIsAddedWithOneRoundingInBothFormats) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  constexpr injectors::DType dtype = TypeParam::dtype;
  constexpr std::size_t images = 3;
  constexpr std::size_t channels = 24;
  constexpr std::size_t pixels = 35;
  for (const bool channels_last : {false, true}) {
    const std::vector<Word> before =
        random_words<Word>(images * channels * pixels, this->generator_, dtype);
    const std::vector<Word> bias = random_words<Word>(channels, this->generator_, dtype);
    typename Device::template Array<Word> data(before);
    typename Device::template Array<Word> bias_there(bias);
    const injectors::Channels lie{channels_last ? 1U : pixels, channels};
    Device::add_bias(dtype, lie, bias_there.data(), data.data(), before.size());
    const std::vector<Word> after = data.read();
    for (std::size_t n = 0; n < images; ++n) {
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t p = 0; p < pixels; ++p) {
          const std::size_t i =
              channels_last ? (n * pixels + p) * channels + c : (n * channels + c) * pixels + p;
          const double sum =
              injectors::decode(before[i], dtype) + injectors::decode(bias[c], dtype);
          if (std::isnan(sum)) {
            ASSERT_TRUE(std::isnan(injectors::decode(after[i], dtype))) << i;
          } else {
            ASSERT_EQ(after[i], *injectors::encode(sum, dtype)) << i;
          }
        }
      }
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(NumberSteps, TopScoresAreThoseOfASortedRow,
                            BiasIsAddedWithOneRoundingInBothFormats);

template <class Device>
using EveryFloat = testing::Types<
    OnType<Device, injectors::DType::float32>, OnType<Device, injectors::DType::float16>,
    OnType<Device, injectors::DType::bfloat16>, OnType<Device, injectors::DType::float64>>;

template <class Device>
using EveryWord = testing::Types<On<Device, std::uint8_t>, On<Device, std::uint16_t>,
                                 On<Device, std::uint32_t>, On<Device, std::uint64_t>>;

}  // namespace softbeam::tests
