// What kernels and launchers share: indices, grids and the choice of a word's type.
// Private to cuda/; read by nvcc alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "cuda/check.h"
#include "cuda/stream.h"

namespace softbeam::gpu {

inline constexpr unsigned block_threads = 256;

__device__ inline std::uint64_t global_index() {
  return std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
}

// Kernels over windows: x counts windows, y the blocks of one. A thread takes every word_step()-th
// word of its window.
__device__ inline std::int64_t first_word() {
  return std::int64_t{blockIdx.y} * blockDim.x + threadIdx.x;
}
__device__ inline std::int64_t word_step() { return std::int64_t{gridDim.y} * blockDim.x; }

inline unsigned blocks_for(std::uint64_t count) {
  const std::uint64_t blocks = (count + block_threads - 1) / block_threads;
  if (blocks > 0x7fffffff) throw std::invalid_argument("a launch over too many words; use several");
  return static_cast<unsigned>(blocks);
}

// A thread takes about `words_per_thread` words of the largest window.
inline dim3 grid_over_windows(std::uint32_t count, std::int64_t most_words,
                              unsigned words_per_thread) {
  if (count > 0x7fffffff) throw std::invalid_argument("a launch over too many windows; use several");
  const std::int64_t per_block = std::int64_t{block_threads} * words_per_thread;
  const std::int64_t blocks =
      std::clamp<std::int64_t>((most_words + per_block - 1) / per_block, 1, 65535);
  return {count, static_cast<unsigned>(blocks)};
}

// Calls launch(Word{}) with the unsigned integer of that many bytes, and checks the launch.
template <class Launch>
void with_word(int word_bytes, Launch launch) {
  switch (word_bytes) {
    case 1:
      launch(std::uint8_t{});
      break;
    case 2:
      launch(std::uint16_t{});
      break;
    case 4:
      launch(std::uint32_t{});
      break;
    case 8:
      launch(std::uint64_t{});
      break;
    default:
      throw std::invalid_argument("words have 1, 2, 4 or 8 bytes");
  }
  SB_CUDA_CHECK(cudaGetLastError());
}

}  // namespace softbeam::gpu
