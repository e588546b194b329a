#include "cuda/bias.h"
#include "cuda/launch.cuh"
#include "cuda/number_type.cuh"

namespace softbeam::gpu {
namespace {

using injectors::Channels;

template <class Type>
__global__ void bias_kernel(std::uint64_t words, Channels channels, const typename Type::Word* bias,
                            typename Type::Word* data) {
  const std::uint64_t i = global_index();
  if (i < words) injectors::add_bias<Type>(i, channels, bias, data);
}

}  // namespace

void add_bias(injectors::DType dtype, Channels channels, const void* bias, void* data,
              std::uint64_t words, StreamRef stream) {
  if (words == 0) return;
  with_number(dtype, [&](auto type) {
    using Word = typename decltype(type)::Word;
    bias_kernel<decltype(type)><<<blocks_for(words), block_threads, 0, stream.handle()>>>(
        words, channels, static_cast<const Word*>(bias), static_cast<Word*>(data));
  });
}

}  // namespace softbeam::gpu
