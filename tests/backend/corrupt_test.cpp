// One specification of Backend::corrupt, instantiated for each device.
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "host/backend/backend.h"
#include "host/base/error.h"
#include "tests/injectors/sampled.h"

namespace softbeam::backend {
namespace {

using injectors::Effect;
using injectors::Masks;
using injectors::Strike;
using Words = std::vector<std::uint64_t>;

constexpr std::uint64_t all_bits = ~std::uint64_t{0};

std::uint64_t width_mask(int bytes) { return all_bits >> (64 - 8 * bytes); }

// The words of a contiguous CPU tensor, copied bytewise so that no NaN is quieted on the way.
Words words_of(const at::Tensor& tensor) {
  const auto bytes = static_cast<std::size_t>(tensor.itemsize());
  Words words(static_cast<std::size_t>(tensor.numel()), 0);
  const auto* const memory = static_cast<const char*>(tensor.const_data_ptr());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::memcpy(&words[i], memory + i * bytes, bytes);
  }
  return words;
}

at::Tensor tensor_of(const Words& words, at::ScalarType dtype) {
  at::Tensor tensor = at::empty({static_cast<std::int64_t>(words.size())}, dtype);
  const auto bytes = static_cast<std::size_t>(tensor.itemsize());
  auto* const memory = static_cast<char*>(tensor.mutable_data_ptr());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::memcpy(memory + i * bytes, &words[i], bytes);
  }
  return tensor;
}

// The reference: slow, one bit at a time, and nothing shared with the backends.
std::uint64_t reference(Masks masks, std::uint64_t word, int bytes) {
  std::uint64_t result = 0;
  for (int bit = 0; bit < 8 * bytes; ++bit) {
    const std::uint64_t one = std::uint64_t{1} << bit;
    bool value = (word & one) != 0;
    if ((masks.keep & one) == 0) value = false;
    if ((masks.flip & one) != 0) value = !value;
    if (value) result += one;
  }
  return result;
}

// Zeros, ones, signs, infinities, NaNs (quiet and signalling), denormals of all widths.
const Words hostile = {0,
                       all_bits,
                       0x80,
                       0x8000,
                       0x80000000,
                       0x8000000000000000,
                       0x7c00,
                       0x7c01,
                       0xfe01,
                       0x7f80,
                       0x7f81,
                       0x7f800000,
                       0x7f800001,
                       0xffc12345,
                       0x7ff0000000000000,
                       0x7ff0000000000001,
                       0xfff8000000000abc,
                       1};

const std::vector<at::ScalarType> dtypes = {at::kFloat, at::kHalf, at::kBFloat16, at::kDouble,
                                            at::kChar,  at::kByte, at::kInt};

class Inject : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    try {
      backend_ = make_backend(GetParam());
    } catch (const DeviceError& error) {
      GTEST_SKIP() << error.what();
    }
  }

  std::vector<Effect> corrupt(const at::Tensor& tensor, const std::vector<Strike>& strikes) {
    std::vector<Effect> effects(strikes.size());
    backend_->corrupt(tensor, strikes, effects);
    return effects;
  }

  at::Tensor on_device(const at::Tensor& tensor) const { return tensor.to(backend_->device()); }
  at::Tensor on_device(const Words& words, at::ScalarType dtype) const {
    return on_device(tensor_of(words, dtype));
  }

  std::unique_ptr<Backend> backend_;
};

// Tests are listed as Cpu/Inject.EqualsReference/cpu and Cuda/Inject.EqualsReference/cuda.
std::string device_name(const testing::TestParamInfo<const char*>& test) { return test.param; }
INSTANTIATE_TEST_SUITE_P(Cpu, Inject, testing::Values("cpu"), device_name);
INSTANTIATE_TEST_SUITE_P(Cuda, Inject, testing::Values("cuda"), device_name);

TEST_P(Inject, EqualsReference) {
  auto generator = tests::printed_generator();
  for (const at::ScalarType dtype : dtypes) {
    for (const std::size_t count : {1, 2, 255, 256, 257, 5000}) {
      const auto bytes = static_cast<int>(at::elementSize(dtype));
      Words words(2 * count + hostile.size());
      for (std::uint64_t& word : words) word = generator() & width_mask(bytes);
      for (std::size_t i = 0; i < hostile.size(); ++i) words[i] = hostile[i] & width_mask(bytes);

      std::vector<Strike> strikes;
      Words expected = words;
      std::vector<Effect> expected_effects;
      for (std::size_t i = 0; i < words.size(); i += 2) {
        // From the back, so that the order of the list is not the order in memory.
        const std::size_t offset = words.size() - 1 - i;
        const Masks masks{.keep = generator(), .flip = generator()};
        strikes.push_back({.offset = offset, .masks = masks});
        expected[offset] = reference(masks, words[offset], bytes);
        expected_effects.push_back({.before = words[offset], .after = expected[offset]});
      }

      const at::Tensor tensor = on_device(words, dtype);
      EXPECT_EQ(corrupt(tensor, strikes), expected_effects) << at::toString(dtype);
      EXPECT_EQ(words_of(tensor.cpu()), expected) << at::toString(dtype);
    }
  }
}

TEST_P(Inject, StrikesEveryHostileWordInEveryBit) {
  for (const at::ScalarType dtype : dtypes) {
    const auto bytes = static_cast<int>(at::elementSize(dtype));
    Words words = hostile;
    for (std::uint64_t& word : words) word &= width_mask(bytes);
    const at::Tensor tensor = on_device(words, dtype);
    for (int bit = 0; bit < 8 * bytes; ++bit) {
      const std::uint64_t one = std::uint64_t{1} << bit;
      std::vector<Strike> strikes;
      for (std::size_t i = 0; i < words.size(); ++i) {
        strikes.push_back({.offset = i, .masks = {.keep = width_mask(bytes), .flip = one}});
      }
      const std::vector<Effect> effects = corrupt(tensor, strikes);
      for (std::size_t i = 0; i < words.size(); ++i) {
        ASSERT_EQ(effects[i], (Effect{.before = words[i], .after = words[i] ^ one}))
            << at::toString(dtype) << " bit " << bit;
        words[i] ^= one;
      }
    }
    EXPECT_EQ(words_of(tensor.cpu()), words) << at::toString(dtype);
  }
}

TEST_P(Inject, PreservesNanPayloads) {
  const std::vector<std::pair<at::ScalarType, std::uint64_t>> signalling = {
      {at::kHalf, 0x7c01},
      {at::kBFloat16, 0x7f81},
      {at::kFloat, 0x7f800001},
      {at::kDouble, 0x7ff0000000000001}};
  for (const auto& [dtype, nan] : signalling) {
    const at::Tensor tensor = on_device({nan, nan}, dtype);
    const Strike nothing{.offset = 0, .masks = {.keep = all_bits, .flip = 0}};
    const Strike low_bit{.offset = 1, .masks = {.keep = all_bits, .flip = 2}};
    const std::vector<Effect> effects = corrupt(tensor, {nothing, low_bit});
    EXPECT_EQ(effects[0], (Effect{.before = nan, .after = nan})) << at::toString(dtype);
    EXPECT_EQ(effects[1], (Effect{.before = nan, .after = nan ^ 2})) << at::toString(dtype);
    EXPECT_EQ(words_of(tensor.cpu()), (Words{nan, nan ^ 2})) << at::toString(dtype);
  }
}

TEST_P(Inject, CountsOffsetsFromTheTensorsOwnData) {
  const at::Tensor whole = on_device({10, 11, 12, 13, 14, 15}, at::kInt);
  const at::Tensor part = whole.slice(0, 2, 6);
  corrupt(part, {{.offset = 1, .masks = {.keep = 0, .flip = 99}}});
  EXPECT_EQ(words_of(whole.cpu()), (Words{10, 11, 12, 99, 14, 15}));
}

TEST_P(Inject, CountsWordsOfMemoryInANonContiguousTensor) {
  const at::Tensor matrix = on_device({0, 1, 2, 3, 4, 5}, at::kInt).reshape({2, 3});
  const at::Tensor column = matrix.select(1, 1);  // words 1 and 4, data begins at word 1
  ASSERT_FALSE(column.is_contiguous());
  const auto effects = corrupt(column, {{.offset = 3, .masks = {.keep = 0, .flip = 7}}});
  EXPECT_EQ(effects[0], (Effect{.before = 4, .after = 7}));
  EXPECT_EQ(words_of(matrix.cpu().reshape({6})), (Words{0, 1, 2, 3, 7, 5}));
}

TEST_P(Inject, ReadsAfterTheWorkAlreadyQueued) {
  const at::Tensor tensor = at::zeros({1 << 20}, at::device(backend_->device()).dtype(at::kInt));
  for (int i = 0; i < 20; ++i) tensor.add_(1);
  const std::uint64_t last = (1 << 20) - 1;
  const auto effects = corrupt(tensor, {{.offset = last, .masks = {.keep = all_bits, .flip = 1}}});
  EXPECT_EQ(effects[0], (Effect{.before = 20, .after = 21}));
}

TEST_P(Inject, WorksFromSeveralThreadsAtOnce) {
  constexpr int count = 4;
  std::vector<std::thread> threads;
  threads.reserve(count);
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int t = 0; t < count; ++t) tensors.push_back(on_device(Words(100, 0), at::kInt));
  for (const at::Tensor& tensor : tensors) {
    threads.emplace_back([this, tensor] {
      for (std::uint64_t i = 0; i < 100; ++i) {
        const auto effects =
            corrupt(tensor, {{.offset = i, .masks = {.keep = all_bits, .flip = i}}});
        EXPECT_EQ(effects[0], (Effect{.before = 0, .after = i}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Words expected(100);
  for (std::uint64_t i = 0; i < 100; ++i) expected[i] = i;
  for (const at::Tensor& tensor : tensors) EXPECT_EQ(words_of(tensor.cpu()), expected);
}

TEST_P(Inject, AnEmptyListChangesNothing) {
  const at::Tensor tensor = on_device({1, 2}, at::kInt);
  EXPECT_TRUE(corrupt(tensor, {}).empty());
  EXPECT_EQ(words_of(tensor.cpu()), (Words{1, 2}));
  EXPECT_TRUE(corrupt(on_device(Words{}, at::kInt), {}).empty());
}

TEST_P(Inject, RefusesTwoStrikesOnOneWordAndChangesNothing) {
  const at::Tensor tensor = on_device({1, 2, 3}, at::kInt);
  const Strike on_first{.offset = 0, .masks = {.keep = 0, .flip = 9}};
  const Strike on_third{.offset = 2, .masks = {.keep = 0, .flip = 9}};
  EXPECT_THROW(corrupt(tensor, {on_third, on_first, on_third}), RunError);
  EXPECT_EQ(words_of(tensor.cpu()), (Words{1, 2, 3}));
}

TEST_P(Inject, RefusesOffsetsOutsideTheStorage) {
  const at::Tensor whole = on_device({1, 2, 3, 4}, at::kInt);
  const at::Tensor part = whole.slice(0, 1, 2);
  const auto at_offset = [](std::uint64_t offset) {
    return std::vector<Strike>{{.offset = offset, .masks = {.keep = 0, .flip = 0}}};
  };
  EXPECT_NO_THROW(corrupt(part, at_offset(2)));  // outside the view, inside the storage
  EXPECT_THROW(corrupt(part, at_offset(3)), RunError);
  EXPECT_THROW(corrupt(whole, at_offset(4)), RunError);
  EXPECT_THROW(corrupt(whole, at_offset(all_bits)), RunError);
  EXPECT_THROW(corrupt(whole, at_offset(std::uint64_t{1} << 62)), RunError);  // * 4 wraps to 0
  EXPECT_THROW(corrupt(on_device(Words{}, at::kInt), at_offset(0)), RunError);
  EXPECT_EQ(words_of(whole.cpu()), (Words{1, 2, 3, 0}));
}

TEST_P(Inject, RefusesTensorsThatHoldNoWords) {
  EXPECT_THROW(corrupt(at::Tensor(), {}), RunError);
  const auto options = at::device(backend_->device());
  EXPECT_THROW(corrupt(at::zeros({2}, options.dtype(at::kBool)), {}), RunError);
  EXPECT_THROW(corrupt(at::zeros({2}, options.dtype(at::kComplexFloat)), {}), RunError);
  EXPECT_THROW(corrupt(at::empty({2}, at::device(at::kMeta)), {}), RunError);
}

TEST_P(Inject, RefusesAnotherNumberOfEffects) {
  const at::Tensor tensor = on_device({1, 2}, at::kInt);
  const std::vector<Strike> strikes(1);
  std::vector<Effect> effects(2);
  EXPECT_THROW(backend_->corrupt(tensor, strikes, effects), std::invalid_argument);
}

TEST_P(Inject, SaysWhatRanIt) {
  EXPECT_THAT(backend_->description(), testing::Not(testing::IsEmpty()));
  EXPECT_EQ(backend_->device().is_cuda(), std::string(GetParam()) == "cuda");
  EXPECT_NO_THROW(backend_->synchronize());
}

}  // namespace
}  // namespace softbeam::backend
