// Owned memory, streams and events; the seam to a pool with a pool of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "cuda/buffer.h"
#include "cuda/error.h"
#include "cuda/memory.h"
#include "cuda/stream.h"
#include "tests/cuda/gpu_test.h"

namespace softbeam::gpu {
namespace {

// Host memory that remembers what it was asked.
class RecordingMemory final : public DeviceMemory {
 public:
  void* allocate(std::size_t bytes, StreamRef stream) override {
    if (bytes > most) throw OutOfMemory(2, "the pool is empty", bytes);
    asked.emplace_back(bytes, stream.handle());
    return std::malloc(bytes);
  }
  void free(void* memory, std::size_t bytes, StreamRef stream) noexcept override {
    std::free(memory);
    returned.emplace_back(bytes, stream.handle());
  }
  std::size_t most = 1 << 20;
  std::vector<std::pair<std::size_t, CUstream_st*>> asked;
  std::vector<std::pair<std::size_t, CUstream_st*>> returned;
};

TEST(DeviceMemory, ABufferGivesBackWhatItTookFromItsPool) {
  RecordingMemory pool;
  int there = 0;
  const StreamRef stream(reinterpret_cast<CUstream_st*>(&there));
  {
    DeviceBuffer<std::uint32_t> first(10, pool, stream);
    EXPECT_EQ(first.bytes(), 40U);
    DeviceBuffer<std::uint32_t> moved = std::move(first);
    EXPECT_NE(moved.data(), nullptr);
    moved = DeviceBuffer<std::uint32_t>(3, pool, stream);
    EXPECT_EQ(pool.returned.size(), 1U);
  }
  EXPECT_EQ(pool.asked, (std::vector<std::pair<std::size_t, CUstream_st*>>{{40, stream.handle()},
                                                                           {12, stream.handle()}}));
  EXPECT_EQ(pool.returned, pool.asked);
}

TEST(DeviceMemory, AnEmptyBufferAsksForNothing) {
  RecordingMemory pool;
  const DeviceBuffer<int> empty(0, pool);
  EXPECT_EQ(empty.data(), nullptr);
  EXPECT_TRUE(pool.asked.empty());
}

TEST(DeviceMemory, RunningOutSaysHowMuchWasAsked) {
  RecordingMemory pool;
  pool.most = 100;
  try {
    const DeviceBuffer<double> buffer(1000, pool);
    FAIL() << "no exception";
  } catch (const OutOfMemory& error) {
    EXPECT_EQ(error.bytes(), 8000U);
  }
}

TEST(DeviceMemory, MoreBytesThanCanBeCountedAreRefused) {
  RecordingMemory pool;
  EXPECT_THROW(DeviceBuffer<double>(~std::size_t{0} / 2, pool), std::length_error);
  EXPECT_TRUE(pool.asked.empty());
}

class GpuStream : public GpuTest {};

TEST_F(GpuStream, CopiesGoThereAndBackInOrder) {
  const Stream stream;
  std::vector<int> out(1000);
  for (int i = 0; i < 1000; ++i) out[static_cast<std::size_t>(i)] = i;
  const DeviceBuffer<int> device(out.size());
  const PinnedBuffer<int> pinned(out.size());
  std::copy(out.begin(), out.end(), pinned.data());
  copy_to_device(device.data(), pinned.data(), device.bytes(), stream.ref());
  std::vector<int> back(out.size());
  copy_to_host(back.data(), device.data(), device.bytes(), stream.ref());
  synchronize(stream.ref());
  EXPECT_EQ(back, out);
}

TEST_F(GpuStream, AnEventHoldsAnotherStreamBack) {
  const Stream first;
  const Stream second;
  Event start;
  Event end;
  const DeviceBuffer<char> device(std::size_t{64} << 20);
  const PinnedBuffer<char> pinned(device.size());
  std::fill_n(pinned.data(), pinned.size(), 'x');
  start.record(first.ref());
  copy_to_device(device.data(), pinned.data(), device.bytes(), first.ref());
  end.record(first.ref());
  end.hold_back(second.ref());
  char last = 0;
  copy_to_host(&last, device.data() + device.size() - 1, 1, second.ref());
  synchronize(second.ref());
  EXPECT_EQ(last, 'x');
  end.synchronize();
  EXPECT_GT(end.milliseconds_since(start), 0.0);
}

}  // namespace
}  // namespace softbeam::gpu
