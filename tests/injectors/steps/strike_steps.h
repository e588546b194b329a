// Striking and reading back, against masks applied one word at a time.
// Instantiated by tests/injectors/steps/steps_test.cpp and tests/cuda/steps_test.cpp.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "injectors/corruption.h"
#include "injectors/nan.h"
#include "tests/injectors/steps/step_test.h"

namespace softbeam::tests {

template <class Param>
class StrikeSteps : public StepTest<Param> {};
TYPED_TEST_SUITE_P(StrikeSteps);

// Distinct offsets in no order.
inline std::vector<injectors::Strike> random_strikes(std::size_t count, std::size_t words,
                                                     std::mt19937_64& generator) {
  std::vector<std::uint64_t> offsets(words);
  std::iota(offsets.begin(), offsets.end(), std::uint64_t{0});
  std::shuffle(offsets.begin(), offsets.end(), generator);
  std::vector<injectors::Strike> strikes(count);
  for (std::size_t i = 0; i < count; ++i) {
    strikes[i] = {offsets[i], {generator(), generator()}};
    if (i % 5 == 1) strikes[i].masks = {~std::uint64_t{0}, std::uint64_t{1} << (generator() % 64)};
    if (i % 5 == 2) strikes[i].masks = {~std::uint64_t{0}, 0};  // nothing changes
  }
  return strikes;
}

TYPED_TEST_P(StrikeSteps, EqualMasksAppliedToOneWordAfterTheOther) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  for (const std::size_t count : {1, 31, 256, 257, 20000}) {
    std::vector<Word> words = random_words<Word>(2 * count, this->generator_);
    const auto strikes = random_strikes(count, words.size(), this->generator_);
    typename Device::template Array<Word> memory(words);
    typename Device::template Array<injectors::Strike> listed(strikes);
    typename Device::template Array<injectors::Effect> effects(count);
    Device::strike(memory.data(), listed.data(), effects.data(), count);

    const std::vector<injectors::Effect> seen = effects.read();
    for (std::size_t i = 0; i < count; ++i) {
      Word& word = words[strikes[i].offset];
      ASSERT_EQ(seen[i].before, word) << i;
      word = static_cast<Word>((word & strikes[i].masks.keep) ^ strikes[i].masks.flip);
      ASSERT_EQ(seen[i].after, word) << i;
    }
    EXPECT_EQ(memory.read(), words) << count;
  }
}

TYPED_TEST_P(StrikeSteps, OfComputedWordsStartFromTheCanonicalNan) {
  using Device = typename TypeParam::Device;
  using Word = typename TypeParam::Word;
  if constexpr (sizeof(Word) > 1) {
    for (const injectors::DType dtype : {float_of_width<Word>(), injectors::DType::bfloat16}) {
      if (injectors::bytes(dtype) != sizeof(Word)) continue;
      constexpr std::size_t count = 5000;
      std::vector<Word> words = random_words<Word>(2 * count, this->generator_, dtype);
      const auto strikes = random_strikes(count, words.size(), this->generator_);
      typename Device::template Array<Word> memory(words);
      typename Device::template Array<injectors::Strike> listed(strikes);
      typename Device::template Array<injectors::Effect> effects(count);
      Device::strike_computed(memory.data(), dtype, listed.data(), effects.data(), count);

      const std::vector<injectors::Effect> seen = effects.read();
      int nans_left = 0;
      for (std::size_t i = 0; i < count; ++i) {
        Word& word = words[strikes[i].offset];
        const bool nan = injectors::is_nan(dtype, word);
        const Word before = nan ? static_cast<Word>(injectors::canonical_nan(dtype)) : word;
        const auto after =
            static_cast<Word>((before & strikes[i].masks.keep) ^ strikes[i].masks.flip);
        ASSERT_EQ(seen[i], (injectors::Effect{before, after})) << i << " " << +word;
        if (nan && after == before) {
          ++nans_left;
        } else {
          word = after;
        }
      }
      EXPECT_GT(nans_left, 0);
      EXPECT_EQ(memory.read(), words) << injectors::name(dtype);
    }
  }
}

REGISTER_TYPED_TEST_SUITE_P(StrikeSteps, EqualMasksAppliedToOneWordAfterTheOther,
                            OfComputedWordsStartFromTheCanonicalNan);

}  // namespace softbeam::tests
