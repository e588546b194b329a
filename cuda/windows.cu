#include <algorithm>

#include "cuda/check.h"
#include "cuda/windows.h"

namespace softbeam::gpu {
namespace {

using injectors::ComparedWindow;
using injectors::LaidWindow;
using injectors::Rect;

constexpr unsigned block_threads = 256;
constexpr std::int64_t words_per_thread = 8;
constexpr std::int64_t most_blocks_per_window = 65535;

// A row of blocks per window: x counts windows, y the blocks of one.
dim3 grid_for(std::uint32_t count, std::int64_t words) {
  constexpr std::int64_t per_block = block_threads * words_per_thread;
  const std::int64_t blocks = std::clamp<std::int64_t>((words + per_block - 1) / per_block, 1,
                                                       most_blocks_per_window);
  return {count, static_cast<unsigned>(blocks)};
}

__global__ void lay_kernel(const LaidWindow* windows, std::int32_t channels) {
  const LaidWindow window = windows[blockIdx.x];
  const std::int64_t words = std::int64_t{channels} * window.lines * window.columns;
  const std::int64_t stride = std::int64_t{gridDim.y} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.y} * blockDim.x + threadIdx.x; i < words;
       i += stride) {
    injectors::lay_word(window, i);
  }
}

// No pixel yet: minima at the far end, maxima at the near one.
__global__ void clear_kernel(const ComparedWindow* windows, std::uint32_t count, Rect* boxes) {
  const std::uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) {
    boxes[i] = {{windows[i].lines, 0}, {windows[i].columns, 0}};
  }
}

__global__ void compare_kernel(const ComparedWindow* windows, std::int32_t channels, Rect* boxes) {
  const ComparedWindow window = windows[blockIdx.x];
  const std::int64_t area = std::int64_t{window.lines} * window.columns;
  const std::int64_t words = channels * area;
  const std::int64_t stride = std::int64_t{gridDim.y} * blockDim.x;
  Rect own{{window.lines, 0}, {window.columns, 0}};
  for (std::int64_t i = std::int64_t{blockIdx.y} * blockDim.x + threadIdx.x; i < words;
       i += stride) {
    const auto pixel = static_cast<std::int32_t>(i % area);
    const std::int32_t y = pixel / window.columns;
    const std::int32_t x = pixel % window.columns;
    if (injectors::differs_at(window, i / area, y, x)) {
      own = {{min(own.y.first, y), max(own.y.last, y + 1)},
             {min(own.x.first, x), max(own.x.last, x + 1)}};
    }
  }
  if (own.y.last == 0) return;
  Rect& box = boxes[blockIdx.x];
  atomicMin(&box.y.first, own.y.first);
  atomicMax(&box.y.last, own.y.last);
  atomicMin(&box.x.first, own.x.first);
  atomicMax(&box.x.last, own.x.last);
}

}  // namespace

void lay_windows(const LaidWindow* windows, std::uint32_t count, std::int32_t channels,
                 std::int64_t most_pixels, StreamRef stream) {
  if (count == 0 || channels == 0 || most_pixels == 0) return;
  lay_kernel<<<grid_for(count, channels * most_pixels), block_threads, 0, stream.handle()>>>(
      windows, channels);
  SB_CUDA_CHECK(cudaGetLastError());
}

void compare_windows(const ComparedWindow* windows, std::uint32_t count, std::int32_t channels,
                     std::int64_t most_pixels, Rect* boxes, StreamRef stream) {
  if (count == 0) return;
  const unsigned blocks = (count + block_threads - 1) / block_threads;
  clear_kernel<<<blocks, block_threads, 0, stream.handle()>>>(windows, count, boxes);
  SB_CUDA_CHECK(cudaGetLastError());
  compare_kernel<<<grid_for(count, channels * most_pixels), block_threads, 0, stream.handle()>>>(
      windows, channels, boxes);
  SB_CUDA_CHECK(cudaGetLastError());
}

}  // namespace softbeam::gpu
