#include "injectors/rng.h"

#include <Random123/philox.h>

namespace softbeam::injectors {
namespace {

static_assert(philox4x32_rounds == 10, "the published generator, on which all plans depend");

// -Wpedantic objects to the type's name alone.
__extension__ typedef unsigned __int128 Wide;

std::uint32_t low32(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high32(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  const philox4x32_ctr_t words = {{counter[0], counter[1], counter[2], counter[3]}};
  const philox4x32_key_t keys = {{key[0], key[1]}};
  const philox4x32_ctr_t result = philox4x32(words, keys);
  return {result[0], result[1], result[2], result[3]};
}

Stream::Stream(std::uint64_t seed, std::uint64_t id, Purpose purpose)
    : counter_{0, static_cast<std::uint32_t>(purpose), low32(id), high32(id)},
      key_{low32(seed), high32(seed)} {}

std::uint32_t Stream::next32() {
  if (used_ == 4) {
    block_ = philox(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

std::uint64_t Stream::next64() {
  if (used_ <= 2) {  // both halves are there
    used_ += 2;
    return block_[used_ - 2] | (static_cast<std::uint64_t>(block_[used_ - 1]) << 32);
  }
  const std::uint64_t low = next32();
  return low | (static_cast<std::uint64_t>(next32()) << 32);
}

std::uint64_t Stream::below(std::uint64_t n) {
  // Lemire, "Fast random integer generation in an interval", ACM TOMACS 2019: the high half of
  // draw * n is uniform once the draws whose low half falls below 2^64 mod n are rejected.
  Wide product = static_cast<Wide>(next64()) * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t rejected = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < rejected) {
      product = static_cast<Wide>(next64()) * n;
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

}  // namespace softbeam::injectors
