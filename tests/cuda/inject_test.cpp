#include "cuda/inject.h"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <vector>

#include "cuda/buffer.h"
#include "injectors/apply.h"
#include "tests/cuda/gpu_test.h"
#include "tests/injectors/sampled.h"

namespace softbeam::gpu {
namespace {

using injectors::Effect;
using injectors::Strike;

template <class T>
DeviceBuffer<T> upload(const std::vector<T>& host) {
  DeviceBuffer<T> device(host.size());
  copy_to_device(device.data(), host.data(), device.bytes(), StreamRef());
  return device;
}

template <class T>
std::vector<T> download(const DeviceBuffer<T>& device) {
  std::vector<T> host(device.size());
  copy_to_host(host.data(), device.data(), device.bytes(), StreamRef());
  synchronize(StreamRef());
  return host;
}

template <class Word>
class GpuInject : public GpuTest {};

using Words = testing::Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(GpuInject, Words);

TYPED_TEST(GpuInject, EqualsTheSameBodiesOnTheHost) {
  auto generator = tests::printed_generator();
  for (const std::size_t count : {1, 31, 256, 257, 100000}) {
    std::vector<TypeParam> words(3 * count);
    for (TypeParam& word : words) word = static_cast<TypeParam>(generator());
    std::vector<Strike> strikes(count);
    for (std::size_t i = 0; i < count; ++i) {
      strikes[i] = {.offset = 3 * (count - 1 - i) + i % 3,
                    .masks = {.keep = generator(), .flip = generator()}};
    }
    const auto device_words = upload(words);
    const auto device_strikes = upload(strikes);
    const DeviceBuffer<Effect> device_effects(count);
    const DeviceWords target{.data = device_words.data(), .word_bytes = sizeof(TypeParam)};
    strike_words(target, device_strikes.data(), device_effects.data(), count, StreamRef());
    read_back_words(target, device_strikes.data(), device_effects.data(), count, StreamRef());

    std::vector<Effect> effects(count);
    for (std::size_t i = 0; i < count; ++i) {
      injectors::strike_word(i, strikes.data(), words.data(), effects.data());
    }
    for (std::size_t i = 0; i < count; ++i) {
      injectors::read_back(i, strikes.data(), static_cast<const TypeParam*>(words.data()),
                           effects.data());
    }
    EXPECT_EQ(download(device_words), words) << count;
    EXPECT_EQ(download(device_effects), effects) << count;
  }
}

TYPED_TEST(GpuInject, HasCodeForThisDevice) { EXPECT_TRUE(has_code_for_current_device()); }

TEST(Inject, AnEmptyListLaunchesNothing) {
  const DeviceWords nothing{.data = nullptr, .word_bytes = 4};
  EXPECT_NO_THROW(strike_words(nothing, nullptr, nullptr, 0, StreamRef()));
  EXPECT_NO_THROW(read_back_words(nothing, nullptr, nullptr, 0, StreamRef()));
}

TEST(Inject, WordsOfOddSizesAreRefused) {
  const DeviceWords odd{.data = nullptr, .word_bytes = 3};
  EXPECT_THROW(strike_words(odd, nullptr, nullptr, 1, StreamRef()), std::invalid_argument);
}

}  // namespace
}  // namespace softbeam::gpu
