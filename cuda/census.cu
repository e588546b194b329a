#include <cub/block/block_reduce.cuh>

#include "cuda/launch.cuh"
#include "cuda/windows.h"

namespace softbeam::gpu {
namespace {

using injectors::Census;
using injectors::ComparedWindowOf;
using injectors::FloatFields;

constexpr unsigned words_per_thread = 16;

struct Merge {
  __device__ Census operator()(const Census& a, const Census& b) const { return merged(a, b); }
};

__device__ void add(std::uint64_t* sum, std::uint64_t number) {
  static_assert(sizeof(unsigned long long) == sizeof(std::uint64_t));
  if (number != 0) atomicAdd(reinterpret_cast<unsigned long long*>(sum), number);
}

__global__ void clear_census_kernel(Census* census, std::uint32_t count) {
  const std::uint64_t i = global_index();
  if (i < count) census[i] = Census{};
}

template <class Word>
__global__ void census_kernel(const ComparedWindowOf<Word>* windows, std::int32_t channels,
                              FloatFields fields, Census* census) {
  using Reduce = cub::BlockReduce<Census, block_threads>;
  __shared__ typename Reduce::TempStorage storage;
  const ComparedWindowOf<Word> window = windows[blockIdx.x];
  const std::int64_t words = std::int64_t{channels} * window.lines * window.columns;
  Census part;
  for (std::int64_t i = first_word(); i < words; i += word_step()) {
    part = merged(part, injectors::census_at(window, fields, i));
  }
  part = Reduce(storage).Reduce(part, Merge{});
  if (threadIdx.x != 0) return;
  // Blocks of one window meet in memory; sums of integers know no order.
  Census& all = census[blockIdx.x];
  add(&all.nan, part.nan);
  add(&all.positive_infinity, part.positive_infinity);
  add(&all.negative_infinity, part.negative_infinity);
  add(&all.lost, part.lost);
}

}  // namespace

template <class Word>
void count_nonfinite(const ComparedWindowOf<Word>* windows, std::uint32_t count,
                     std::int32_t channels, std::int64_t most_pixels, const FloatFields& fields,
                     Census* census, StreamRef stream) {
  if (count == 0) return;
  clear_census_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(census, count);
  SB_CUDA_CHECK(cudaGetLastError());
  const dim3 grid = grid_over_windows(count, channels * most_pixels, words_per_thread);
  census_kernel<<<grid, block_threads, 0, stream.handle()>>>(windows, channels, fields, census);
  SB_CUDA_CHECK(cudaGetLastError());
}

template void count_nonfinite(const ComparedWindowOf<std::uint16_t>*, std::uint32_t, std::int32_t,
                              std::int64_t, const FloatFields&, Census*, StreamRef);
template void count_nonfinite(const ComparedWindowOf<std::uint32_t>*, std::uint32_t, std::int32_t,
                              std::int64_t, const FloatFields&, Census*, StreamRef);
template void count_nonfinite(const ComparedWindowOf<std::uint64_t>*, std::uint32_t, std::int32_t,
                              std::int64_t, const FloatFields&, Census*, StreamRef);

}  // namespace softbeam::gpu
