// The fixture of tests of device steps, and the words that they are fed with.
// Test bodies are templates over where a step runs; each suite is instantiated for the CPU in
// tests/injectors and for the GPU in tests/cuda.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "injectors/dtype.h"
#include "tests/injectors/sampled.h"

namespace softbeam::tests {

// Where a step runs and the type of its words.
template <class Where, class Type>
struct On {
  using Device = Where;
  using Word = Type;
};

template <class Param>
class StepTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = Param::Device::missing(); !why.empty()) GTEST_SKIP() << why;
  }
  std::mt19937_64 generator_ = printed_generator();
};

// Both signs of: zeros, the least and the largest denormal, one, the largest number, infinity, and
// NaNs (signalling, quiet with a payload) of the given type.
inline std::vector<std::uint64_t> hostile(injectors::DType dtype) {
  using injectors::Field;
  const injectors::BitRange mantissa = *injectors::field_bits(dtype, Field::mantissa);
  const injectors::BitRange exponent = *injectors::field_bits(dtype, Field::exponent);
  const std::uint64_t least = 1;
  const std::uint64_t quiet = std::uint64_t{1} << (mantissa.high - 1);
  const std::uint64_t infinity = ((std::uint64_t{1} << (exponent.high - exponent.low)) - 1)
                                 << exponent.low;
  const std::uint64_t one = (infinity >> 1) & infinity;
  const std::uint64_t sign = std::uint64_t{1} << exponent.high;
  std::vector<std::uint64_t> words;
  for (const std::uint64_t magnitude :
       {std::uint64_t{0}, least, (quiet << 1) - 1, one, infinity - 1, infinity, infinity | least,
        infinity | quiet, infinity | quiet | least}) {
    words.push_back(magnitude);
    words.push_back(magnitude | sign);
  }
  return words;
}

// A floating-point type of each width that has one; bfloat16 has tests of its own.
template <class Word>
constexpr injectors::DType float_of_width() {
  return sizeof(Word) == 8   ? injectors::DType::float64
         : sizeof(Word) == 4 ? injectors::DType::float32
                             : injectors::DType::float16;
}

// Random words, every third of them hostile.
template <class Word>
std::vector<Word> random_words(std::size_t count, std::mt19937_64& generator,
                               injectors::DType dtype = float_of_width<Word>()) {
  const std::vector<std::uint64_t> special = hostile(dtype);
  std::vector<Word> words(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t drawn = generator();
    words[i] = static_cast<Word>(i % 3 == 0 ? special[drawn % special.size()] : drawn);
  }
  return words;
}

}  // namespace softbeam::tests
