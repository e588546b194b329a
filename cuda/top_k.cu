#include "cuda/top_k.h"

#include "cuda/launch.cuh"
#include "cuda/number_type.cuh"

namespace softbeam::gpu {
namespace {

using injectors::TopK;

// A warp takes a row: each lane keeps the best of its share, and one of them merges.
constexpr unsigned lanes = 32;

template <class Type>
__global__ void top_k_kernel(const typename Type::Word* scores, std::int32_t classes, TopK* best) {
  // Raw, because shared memory has no constructors.
  __shared__ alignas(TopK) unsigned char storage[lanes * sizeof(TopK)];
  auto* const parts = reinterpret_cast<TopK*>(storage);
  const auto lane = static_cast<std::int32_t>(threadIdx.x);
  const auto* const row = scores + std::uint64_t{blockIdx.x} * static_cast<std::uint64_t>(classes);
  parts[lane] = injectors::top_of<Type>(row, classes, lane, lanes);
  // Halves meet, so that lanes merge side by side.
  for (std::int32_t half = lanes / 2; half > 0; half /= 2) {
    __syncthreads();
    if (lane < half) parts[lane].insert(parts[lane + half]);
  }
  if (lane == 0) best[blockIdx.x] = parts[0];
}

}  // namespace

void find_top_scores(injectors::DType dtype, const void* scores, std::uint32_t rows,
                     std::int32_t classes, TopK* best, StreamRef stream) {
  if (rows == 0) return;
  with_number(dtype, [&](auto type) {
    using Type = decltype(type);
    top_k_kernel<Type><<<grid_over_windows(rows, 1, 1), lanes, 0, stream.handle()>>>(
        static_cast<const typename Type::Word*>(scores), classes, best);
  });
}

}  // namespace softbeam::gpu
