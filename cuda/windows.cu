#include "cuda/windows.h"

#include <cub/block/block_reduce.cuh>

#include "cuda/launch.cuh"

namespace softbeam::gpu {
namespace {

using injectors::ComparedWindowOf;
using injectors::LaidWindowOf;
using injectors::Rect;

constexpr unsigned words_per_thread = 8;

struct Around {
  __device__ Rect operator()(const Rect& a, const Rect& b) const { return injectors::around(a, b); }
};

template <class Word>
__global__ void lay_kernel(const LaidWindowOf<Word>* windows, std::int32_t channels) {
  const LaidWindowOf<Word> window = windows[blockIdx.x];
  const std::int64_t words = std::int64_t{channels} * window.lines * window.columns;
  for (std::int64_t i = first_word(); i < words; i += word_step()) {
    injectors::lay_word(window, i);
  }
}

template <class Word>
__global__ void clear_boxes_kernel(const ComparedWindowOf<Word>* windows, std::uint32_t count,
                                   Rect* boxes) {
  const std::uint64_t i = global_index();
  if (i < count) boxes[i] = injectors::no_pixels(windows[i]);
}

template <class Word>
__global__ void compare_kernel(const ComparedWindowOf<Word>* windows, std::int32_t channels,
                               Rect* boxes) {
  using Reduce = cub::BlockReduce<Rect, block_threads>;
  __shared__ typename Reduce::TempStorage storage;
  const ComparedWindowOf<Word> window = windows[blockIdx.x];
  const std::int64_t words = std::int64_t{channels} * window.lines * window.columns;
  Rect own = injectors::no_pixels(window);
  for (std::int64_t i = first_word(); i < words; i += word_step()) {
    injectors::stretch_over_word(window, i, own);
  }
  // A block first: where a row differs as a whole, its threads would queue for one box.
  own = Reduce(storage).Reduce(own, Around{});
  if (threadIdx.x != 0 || own.y.last == 0) return;
  Rect& box = boxes[blockIdx.x];
  atomicMin(&box.y.first, own.y.first);
  atomicMax(&box.y.last, own.y.last);
  atomicMin(&box.x.first, own.x.first);
  atomicMax(&box.x.last, own.x.last);
}

}  // namespace

template <class Word>
void lay_windows(const LaidWindowOf<Word>* windows, std::uint32_t count, std::int32_t channels,
                 std::int64_t most_pixels, StreamRef stream) {
  if (count == 0 || channels == 0 || most_pixels == 0) return;
  const dim3 grid = grid_over_windows(count, channels * most_pixels, words_per_thread);
  lay_kernel<<<grid, block_threads, 0, stream.handle()>>>(windows, channels);
  SB_CUDA_CHECK(cudaGetLastError());
}

template <class Word>
void compare_windows(const ComparedWindowOf<Word>* windows, std::uint32_t count,
                     std::int32_t channels, std::int64_t most_pixels, Rect* boxes,
                     StreamRef stream) {
  if (count == 0) return;
  clear_boxes_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(windows, count,
                                                                               boxes);
  SB_CUDA_CHECK(cudaGetLastError());
  const dim3 grid = grid_over_windows(count, channels * most_pixels, words_per_thread);
  compare_kernel<<<grid, block_threads, 0, stream.handle()>>>(windows, channels, boxes);
  SB_CUDA_CHECK(cudaGetLastError());
}

template void lay_windows(const LaidWindowOf<std::uint8_t>*, std::uint32_t, std::int32_t,
                          std::int64_t, StreamRef);
template void lay_windows(const LaidWindowOf<std::uint16_t>*, std::uint32_t, std::int32_t,
                          std::int64_t, StreamRef);
template void lay_windows(const LaidWindowOf<std::uint32_t>*, std::uint32_t, std::int32_t,
                          std::int64_t, StreamRef);
template void lay_windows(const LaidWindowOf<std::uint64_t>*, std::uint32_t, std::int32_t,
                          std::int64_t, StreamRef);
template void compare_windows(const ComparedWindowOf<std::uint8_t>*, std::uint32_t, std::int32_t,
                              std::int64_t, Rect*, StreamRef);
template void compare_windows(const ComparedWindowOf<std::uint16_t>*, std::uint32_t, std::int32_t,
                              std::int64_t, Rect*, StreamRef);
template void compare_windows(const ComparedWindowOf<std::uint32_t>*, std::uint32_t, std::int32_t,
                              std::int64_t, Rect*, StreamRef);
template void compare_windows(const ComparedWindowOf<std::uint64_t>*, std::uint32_t, std::int32_t,
                              std::int64_t, Rect*, StreamRef);

}  // namespace softbeam::gpu
