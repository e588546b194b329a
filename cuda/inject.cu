#include <stdexcept>

#include "cuda/check.h"
#include "cuda/inject.h"
#include "injectors/apply.h"

namespace softbeam::gpu {
namespace {

using injectors::Effect;
using injectors::Strike;

constexpr unsigned block_threads = 256;

__device__ std::uint64_t global_index() {
  return std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x;
}

template <class Word>
__global__ void strike_kernel(const Strike* strikes, std::uint64_t count, Word* data,
                              Effect* effects) {
  const std::uint64_t i = global_index();
  if (i < count) injectors::strike_word(i, strikes, data, effects);
}

template <class Word>
__global__ void read_back_kernel(const Strike* strikes, std::uint64_t count, const Word* data,
                                 Effect* effects) {
  const std::uint64_t i = global_index();
  if (i < count) injectors::read_back(i, strikes, data, effects);
}

unsigned blocks_for(std::uint64_t count) {
  return static_cast<unsigned>((count + block_threads - 1) / block_threads);
}

// Calls launch(typed pointer) with the unsigned integer of the words' size.
template <class Launch>
void with_words(DeviceWords words, Launch launch) {
  switch (words.word_bytes) {
    case 1:
      launch(static_cast<std::uint8_t*>(words.data));
      break;
    case 2:
      launch(static_cast<std::uint16_t*>(words.data));
      break;
    case 4:
      launch(static_cast<std::uint32_t*>(words.data));
      break;
    case 8:
      launch(static_cast<std::uint64_t*>(words.data));
      break;
    default:
      throw std::invalid_argument("words have 1, 2, 4 or 8 bytes");
  }
  SB_CUDA_CHECK(cudaGetLastError());
}

}  // namespace

void strike_words(DeviceWords words, const Strike* strikes, Effect* effects, std::uint64_t count,
                  StreamRef stream) {
  if (count == 0) return;
  with_words(words, [&](auto* data) {
    strike_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(strikes, count, data,
                                                                            effects);
  });
}

void read_back_words(DeviceWords words, const Strike* strikes, Effect* effects, std::uint64_t count,
                     StreamRef stream) {
  if (count == 0) return;
  with_words(words, [&](auto* data) {
    read_back_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(strikes, count, data,
                                                                               effects);
  });
}

bool has_code_for_current_device() {
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, strike_kernel<std::uint32_t>);
  cudaGetLastError();
  return status == cudaSuccess;
}

}  // namespace softbeam::gpu
