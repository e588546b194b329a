#include "injectors/apply.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

#include "tests/injectors/sampled.h"

namespace softbeam::injectors {
namespace {

template <class Word>
constexpr int width = std::numeric_limits<Word>::digits;

Masks flip(std::uint64_t bits) { return {.keep = ~std::uint64_t{0}, .flip = bits}; }

// Calls check(word, bit) for every word and bit of the type, or for samples of wide types.
template <class Word, class Check>
void for_words_and_bits(Check check) {
  if constexpr (sizeof(Word) <= 2) {
    for (std::uint64_t word = 0; word <= std::numeric_limits<Word>::max(); ++word) {
      for (int bit = 0; bit < width<Word>; ++bit) check(static_cast<Word>(word), bit);
    }
  } else {
    auto generator = tests::printed_generator();
    for (int i = 0; i < 10000; ++i) {
      const auto word = static_cast<Word>(generator());
      for (int bit = 0; bit < width<Word>; ++bit) check(word, bit);
    }
  }
}

template <class Word>
bool bit_of(Word word, int bit) {
  return ((word >> bit) & 1) != 0;
}

// What the masks mean, one bit at a time: the oracle.
template <class Word>
Word bit_by_bit(Masks masks, Word word) {
  Word result = 0;
  for (int bit = 0; bit < width<Word>; ++bit) {
    bool value = bit_of(word, bit) && bit_of(masks.keep, bit);
    if (bit_of(masks.flip, bit)) value = !value;
    if (value) result = static_cast<Word>(result | (Word{1} << bit));
  }
  return result;
}

template <class Word>
class WordTest : public testing::Test {};

template <class Word>
class Flip : public WordTest<Word> {};
template <class Word>
class StuckAt : public WordTest<Word> {};
template <class Word>
class Apply : public WordTest<Word> {};

using Words = testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(Flip, Words);
TYPED_TEST_SUITE(StuckAt, Words);
TYPED_TEST_SUITE(Apply, Words);

TYPED_TEST(Flip, TwiceRestoresTheWord) {
  for_words_and_bits<TypeParam>([](TypeParam word, int bit) {
    const Masks masks = flip(std::uint64_t{1} << bit);
    ASSERT_NE(apply(masks, word), word) << "bit " << bit;
    ASSERT_EQ(apply(masks, apply(masks, word)), word) << "bit " << bit;
  });
}

TYPED_TEST(Flip, ChangesExactlyTheMaskedBits) {
  for_words_and_bits<TypeParam>([](TypeParam word, int bit) {
    const TypeParam after = apply(flip(std::uint64_t{1} << bit), word);
    for (int other = 0; other < width<TypeParam>; ++other) {
      ASSERT_EQ(bit_of(after, other) != bit_of(word, other), other == bit)
          << "word " << +word << " bit " << bit << " looked at " << other;
    }
  });
}

TYPED_TEST(Flip, OfSeveralBitsChangesAllOfThem) {
  auto generator = tests::printed_generator();
  for (int i = 0; i < 10000; ++i) {
    const auto word = static_cast<TypeParam>(generator());
    const auto bits = static_cast<TypeParam>(generator());
    ASSERT_EQ(apply(flip(bits), word), bit_by_bit(flip(bits), word)) << +word << " " << +bits;
  }
}

TYPED_TEST(StuckAt, ZeroClearsItsBitAndKeepsTheOthers) {
  for_words_and_bits<TypeParam>([](TypeParam word, int bit) {
    const TypeParam after = apply({.keep = ~(std::uint64_t{1} << bit), .flip = 0}, word);
    for (int other = 0; other < width<TypeParam>; ++other) {
      ASSERT_EQ(bit_of(after, other), other != bit && bit_of(word, other)) << +word << " " << bit;
    }
  });
}

TYPED_TEST(StuckAt, OneSetsItsBitAndKeepsTheOthers) {
  for_words_and_bits<TypeParam>([](TypeParam word, int bit) {
    const std::uint64_t one = std::uint64_t{1} << bit;
    const TypeParam after = apply({.keep = ~one, .flip = one}, word);
    for (int other = 0; other < width<TypeParam>; ++other) {
      ASSERT_EQ(bit_of(after, other), other == bit || bit_of(word, other)) << +word << " " << bit;
    }
  });
}

TYPED_TEST(Apply, EqualsTheBitByBitDefinition) {
  auto generator = tests::printed_generator();
  for (int i = 0; i < 20000; ++i) {
    const Masks masks{.keep = generator(), .flip = generator()};
    const auto word = static_cast<TypeParam>(generator());
    ASSERT_EQ(apply(masks, word), bit_by_bit(masks, word))
        << masks.keep << " " << masks.flip << " " << +word;
  }
}

TYPED_TEST(Apply, StrikesOneWordAndReportsItBeforeAndAfter) {
  std::array<TypeParam, 4> memory = {1, 2, 3, 4};
  const std::vector<Strike> strikes = {{.offset = 3, .masks = flip(1)},
                                       {.offset = 1, .masks = {.keep = 0, .flip = 9}}};
  std::vector<Effect> effects(2);
  for (std::uint64_t i : {1, 0}) strike_word(i, strikes.data(), memory.data(), effects.data());
  for (std::uint64_t i : {0, 1}) {
    read_back(i, strikes.data(), static_cast<const TypeParam*>(memory.data()), effects.data());
  }
  EXPECT_EQ(memory, (std::array<TypeParam, 4>{1, 9, 3, 5}));
  EXPECT_EQ(effects[0], (Effect{.before = 4, .after = 5}));
  EXPECT_EQ(effects[1], (Effect{.before = 2, .after = 9}));
}

TYPED_TEST(Apply, ReadsBackMemoryAndNotTheExpectation) {
  std::array<TypeParam, 1> memory = {5};
  const Strike strike{.offset = 0, .masks = flip(1)};
  Effect effect;
  strike_word(0, &strike, memory.data(), &effect);
  memory[0] = 77;  // a write that went wrong must show
  read_back(0, &strike, static_cast<const TypeParam*>(memory.data()), &effect);
  EXPECT_EQ(effect, (Effect{.before = 5, .after = 77}));
}

TEST(FlipOfNan, PreservesNanPayloads) {
  // Signalling NaNs: a round trip through a floating-point register may set their quiet bit.
  const std::uint32_t signalling = 0x7f800001;
  EXPECT_EQ(apply(flip(1U << 31), signalling), 0xff800001U);
  EXPECT_EQ(apply(flip(1U << 5), signalling), 0x7f800021U);
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    const bool is_nan = (word & 0x7c00) == 0x7c00 && (word & 0x3ff) != 0;
    if (!is_nan) continue;
    const auto half = static_cast<std::uint16_t>(word);
    ASSERT_EQ(apply(flip(0x8000), half), half ^ 0x8000);
    ASSERT_EQ(apply(flip(0), half), half);
  }
}

}  // namespace
}  // namespace softbeam::injectors
