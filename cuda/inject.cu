#include "cuda/inject.h"
#include "cuda/launch.cuh"
#include "injectors/apply.h"
#include "injectors/strike_computed.h"

namespace softbeam::gpu {
namespace {

using injectors::Effect;
using injectors::NanRule;
using injectors::Strike;

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

template <class Word>
__global__ void strike_computed_kernel(const Strike* strikes, std::uint64_t count, NanRule rule,
                                       Word* data, Effect* effects) {
  const std::uint64_t i = global_index();
  if (i < count) injectors::strike_computed_word(i, strikes, rule, data, effects);
}

template <class Word>
__global__ void read_back_computed_kernel(const Strike* strikes, std::uint64_t count, NanRule rule,
                                          const Word* data, Effect* effects) {
  const std::uint64_t i = global_index();
  if (i < count) injectors::read_back_computed(i, strikes, rule, data, effects);
}

}  // namespace

void strike_words(DeviceWords words, const Strike* strikes, Effect* effects, std::uint64_t count,
                  StreamRef stream) {
  if (count == 0) return;
  with_word(words.word_bytes, [&](auto word) {
    strike_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(
        strikes, count, static_cast<decltype(word)*>(words.data), effects);
  });
}

void read_back_words(DeviceWords words, const Strike* strikes, Effect* effects, std::uint64_t count,
                     StreamRef stream) {
  if (count == 0) return;
  with_word(words.word_bytes, [&](auto word) {
    read_back_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(
        strikes, count, static_cast<const decltype(word)*>(words.data), effects);
  });
}

void strike_computed_words(void* data, injectors::DType dtype, const Strike* strikes,
                           Effect* effects, std::uint64_t count, StreamRef stream) {
  if (count == 0) return;
  const NanRule rule = injectors::nan_rule(dtype);
  with_word(injectors::bytes(dtype), [&](auto word) {
    strike_computed_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(
        strikes, count, rule, static_cast<decltype(word)*>(data), effects);
  });
}

void read_back_computed_words(const void* data, injectors::DType dtype, const Strike* strikes,
                              Effect* effects, std::uint64_t count, StreamRef stream) {
  if (count == 0) return;
  const NanRule rule = injectors::nan_rule(dtype);
  with_word(injectors::bytes(dtype), [&](auto word) {
    read_back_computed_kernel<<<blocks_for(count), block_threads, 0, stream.handle()>>>(
        strikes, count, rule, static_cast<const decltype(word)*>(data), effects);
  });
}

bool has_code_for_current_device() {
  cudaFuncAttributes attributes{};
  const cudaError_t status = cudaFuncGetAttributes(&attributes, strike_kernel<std::uint32_t>);
  cudaGetLastError();
  return status == cudaSuccess;
}

}  // namespace softbeam::gpu
