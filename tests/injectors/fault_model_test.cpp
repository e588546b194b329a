#include "injectors/fault_model.h"

#include <gtest/gtest.h>

#include <bit>
#include <map>

#include "injectors/apply.h"
#include "tests/injectors/chi_square.h"
#include "tests/injectors/every_dtype.h"

namespace softbeam::injectors {
namespace {

std::uint64_t whole_word(DType dtype) { return resolve_bits({}, dtype).mask; }

Masks draw(const FaultModel& model, DType dtype, std::uint64_t trial, std::uint64_t seed = 1) {
  Stream stream(seed, trial, Purpose::fault);
  return draw_masks(model, dtype, stream);
}

TEST(FaultModel, SampleDependsOnlyOnSeedAndTrial) {
  const FaultModel model{.operation = Operation::random_value};
  std::map<std::uint64_t, std::uint64_t> forward;
  for (std::uint64_t trial = 0; trial < 1000; ++trial) {
    forward[trial] = draw(model, DType::float64, trial).flip;
  }
  std::map<std::uint64_t, std::uint64_t> distinct;
  for (std::uint64_t trial = 1000; trial-- > 0;) {
    ASSERT_EQ(draw(model, DType::float64, trial).flip, forward[trial]) << trial;
    ASSERT_NE(draw(model, DType::float64, trial, 2).flip, forward[trial]) << trial;
    distinct[forward[trial]] = trial;
  }
  EXPECT_EQ(distinct.size(), forward.size());
}

TEST(FaultModel, ExponentModelTouchesOnlyExponentBits) {
  for (const DType dtype : every_dtype) {
    for (const Field field : every_field) {
      const auto range = field_bits(dtype, field);
      if (!range) continue;
      std::uint64_t outside = whole_word(dtype);
      for (int bit = range->low; bit < range->high; ++bit) outside &= ~(std::uint64_t{1} << bit);
      for (const auto operation :
           {Operation::bit_flip, Operation::stuck_at_0, Operation::stuck_at_1}) {
        const FaultModel model{.operation = operation, .bits = resolve_bits({field}, dtype).mask};
        std::uint64_t touched = 0;
        for (std::uint64_t trial = 0; trial < 2000; ++trial) {
          touched |= touched_bits(draw(model, dtype, trial), dtype);
        }
        EXPECT_EQ(touched, model.bits) << name(dtype) << " " << name(field);
        EXPECT_EQ(touched & outside, 0U) << name(dtype) << " " << name(field);
      }
    }
  }
}

TEST(FaultModel, BitOperationsTouchOneBit) {
  for (const DType dtype : every_dtype) {
    for (const auto operation :
         {Operation::bit_flip, Operation::stuck_at_0, Operation::stuck_at_1}) {
      const FaultModel model{.operation = operation, .bits = whole_word(dtype)};
      for (std::uint64_t trial = 0; trial < 1000; ++trial) {
        const Masks masks = draw(model, dtype, trial);
        const std::uint64_t touched = touched_bits(masks, dtype);
        ASSERT_EQ(std::popcount(touched), 1) << name(dtype);
        const bool keeps_all = operation == Operation::bit_flip;
        const bool flips = operation != Operation::stuck_at_0;
        ASSERT_EQ(masks.keep, whole_word(dtype) & (keeps_all ? ~std::uint64_t{0} : ~touched));
        ASSERT_EQ(masks.flip, flips ? touched : 0);
      }
    }
  }
}

TEST(FaultModel, StuckAtGivesItsValueWhateverTheWord) {
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    const FaultModel to_zero{.operation = Operation::stuck_at_0, .bits = 0xff};
    const FaultModel to_one{.operation = Operation::stuck_at_1, .bits = 0xff};
    const Masks zero = draw(to_zero, DType::int8, trial);
    const Masks one = draw(to_one, DType::int8, trial);
    for (int word = 0; word <= 0xff; ++word) {
      const auto before = static_cast<std::uint8_t>(word);
      ASSERT_EQ(apply(zero, before), before & ~touched_bits(zero, DType::int8));
      ASSERT_EQ(apply(one, before), before | touched_bits(one, DType::int8));
    }
  }
}

TEST(FaultModel, BitsAreDrawnUniformly) {
  for (const std::uint64_t bits : {0xffffffffULL, 0x7f800000ULL, 0x80000021ULL, 0x5ULL}) {
    const FaultModel model{.bits = bits};
    std::map<std::uint64_t, std::uint64_t> counts;
    for (std::uint64_t trial = 0; trial < 100000; ++trial) {
      ++counts[draw(model, DType::float32, trial).flip];
    }
    std::vector<std::uint64_t> observed;
    observed.reserve(counts.size());
    for (const auto& [bit, count] : counts) observed.push_back(count);
    ASSERT_EQ(observed.size(), static_cast<std::size_t>(std::popcount(bits)));
    EXPECT_GT(tests::uniform_p_value(observed), 1e-4) << bits;
  }
}

TEST(FaultModel, RandomWordsAreUniformInEveryByte) {
  // A known defect elsewhere: random words made from a float have 24 significant bits.
  for (const DType dtype : every_dtype) {
    const FaultModel model{.operation = Operation::random_value};
    std::vector<std::vector<std::uint64_t>> counts(bytes(dtype), std::vector<std::uint64_t>(256));
    for (std::uint64_t trial = 0; trial < 50000; ++trial) {
      const Masks masks = draw(model, dtype, trial);
      ASSERT_EQ(masks.keep, 0U);
      ASSERT_EQ(masks.flip & ~whole_word(dtype), 0U);
      for (int byte = 0; byte < bytes(dtype); ++byte) {
        ++counts[byte][masks.flip >> (8 * byte) & 0xff];
      }
    }
    for (const auto& observed : counts) EXPECT_GT(tests::uniform_p_value(observed), 1e-4);
  }
}

TEST(FaultModel, ZeroAndSetReplaceTheWordAndDrawNothing) {
  const std::uint64_t one = *encode(1.0, DType::float32);
  Stream used(3, 4, Purpose::fault);
  Stream fresh(3, 4, Purpose::fault);
  const Masks zero = draw_masks({.operation = Operation::zero}, DType::float32, used);
  const Masks set =
      draw_masks({.operation = Operation::set_value, .value = one}, DType::float32, used);
  EXPECT_EQ(apply(zero, std::uint32_t{0xdeadbeef}), 0U);
  EXPECT_EQ(apply(set, std::uint32_t{0xdeadbeef}), one);
  EXPECT_EQ(used.next64(), fresh.next64());
}

TEST(FaultModel, TouchedBitsAreFlippedOrNotKept) {
  EXPECT_EQ(touched_bits({.keep = 0xf0, .flip = 0x10}, DType::uint8), 0x1fU);
  EXPECT_EQ(touched_bits({.keep = 0, .flip = 0}, DType::int16), 0xffffU);
  EXPECT_EQ(touched_bits({.keep = ~std::uint64_t{0}, .flip = 0}, DType::float64), 0U);
}

}  // namespace
}  // namespace softbeam::injectors
