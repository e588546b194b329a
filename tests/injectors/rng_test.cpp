#include "injectors/rng.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "tests/injectors/chi_square.h"

namespace softbeam::injectors {
namespace {

using Words = std::array<std::uint32_t, 4>;

TEST(Rng, GivesThePublishedKnownAnswers) {
  // kat_vectors of Random123.
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, AStreamIsThePhiloxBlocksOfItsKeyAndCounter) {
  // Changing this layout changes every plan that was ever recorded.
  Stream stream(0x1122334455667788, 0x99aabbccddeeff00, Purpose::verify);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const Words expected = philox({block, 3, 0xddeeff00, 0x99aabbcc}, {0x55667788, 0x11223344});
    for (const std::uint32_t word : expected) ASSERT_EQ(stream.next32(), word) << block;
  }
}

TEST(Rng, SixtyFourBitsAreTwoDrawsLowFirst) {
  Stream words(1, 2, Purpose::fault);
  Stream pairs(1, 2, Purpose::fault);
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t low = words.next32();
    const std::uint64_t high = words.next32();
    ASSERT_EQ(pairs.next64(), high << 32 | low);
  }
}

TEST(Rng, StreamsDifferInSeedIdAndPurpose) {
  std::set<std::uint64_t> first_draws;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 32}) {
    for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 32}) {
      for (const Purpose purpose : {Purpose::fault, Purpose::sample, Purpose::verify}) {
        first_draws.insert(Stream(seed, id, purpose).next64());
      }
    }
  }
  EXPECT_EQ(first_draws.size(), 27U);
}

TEST(Rng, AStreamIsTheSameOnEveryThread) {
  Stream here(7, 8341, Purpose::fault);
  const std::uint64_t expected = here.next64();
  std::vector<std::uint64_t> seen(4);
  std::vector<std::thread> threads;
  threads.reserve(seen.size());
  for (std::uint64_t& slot : seen) {
    threads.emplace_back([&slot] { slot = Stream(7, 8341, Purpose::fault).next64(); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::uint64_t draw : seen) EXPECT_EQ(draw, expected);
}

TEST(Rng, BelowIsUniform) {
  for (const std::uint64_t n : {2, 3, 5, 7, 10, 32, 100}) {
    std::vector<std::uint64_t> counts(n);
    Stream stream(11, n, Purpose::fault);
    for (int i = 0; i < 200000; ++i) ++counts.at(stream.below(n));
    EXPECT_GT(tests::uniform_p_value(counts), 1e-4) << n;
  }
}

TEST(Rng, BelowIsUniformAcrossDifferentIds) {
  // The usual pattern of a plan: one stream a trial, few draws each.
  std::vector<std::uint64_t> counts(31);
  for (std::uint64_t id = 0; id < 200000; ++id) {
    ++counts.at(Stream(5, id, Purpose::fault).below(31));
  }
  EXPECT_GT(tests::uniform_p_value(counts), 1e-4);
}

TEST(Rng, BelowIsUnbiasedNearTheFullRange) {
  // Of 3 * 2^62 values a draw modulo n favours the lowest third, and a multiplication without
  // rejection those divisible by three, each by two to one.
  const std::uint64_t third = std::uint64_t{1} << 62;
  std::vector<std::uint64_t> by_range(3);
  std::vector<std::uint64_t> by_residue(3);
  Stream stream(13, 0, Purpose::fault);
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t x = stream.below(3 * third);
    ++by_range.at(x / third);
    ++by_residue.at(x % 3);
  }
  EXPECT_GT(tests::uniform_p_value(by_range), 1e-4);
  EXPECT_GT(tests::uniform_p_value(by_residue), 1e-4);
}

TEST(Rng, BelowStaysBelow) {
  Stream stream(17, 0, Purpose::fault);
  const std::uint64_t top = ~std::uint64_t{0};
  for (const std::uint64_t n : {std::uint64_t{1}, top / 2 + 2, top - 1, top}) {
    for (int i = 0; i < 10000; ++i) ASSERT_LT(stream.below(n), n);
  }
}

TEST(Rng, BelowReachesTheUpperHalfOfAHugeRange) {
  Stream stream(19, 0, Purpose::fault);
  const std::uint64_t n = (std::uint64_t{1} << 63) + 1;
  std::vector<std::uint64_t> halves(2);
  for (int i = 0; i < 100000; ++i) ++halves.at(stream.below(n) > n / 2 ? 1 : 0);
  EXPECT_GT(tests::uniform_p_value(halves), 1e-4);
}

}  // namespace
}  // namespace softbeam::injectors
