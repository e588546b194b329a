// The body of the kernels of kernel.h over a vector type. *Private* to the files that are compiled
// for one instruction set each: it includes nothing whose code other files might share, since the
// linker could then pick a copy that other processors do not understand.
#pragma once

#include "host/run/wave/own/kernel.h"

namespace softbeam::run {
namespace {

#define SB_INLINE [[gnu::always_inline]] inline

// Sums of `P` positions and `N` vectors, in registers.
template <class V, int P, int N>
SB_INLINE void sum_tile(const SumJob& job, const float* const* inputs, const float* weights,
                        const float* bias, float* output) {
  typename V::Register sum[P][N];
  const std::int32_t channels = job.channels;
  const SumOrder order = job.order;
  for (std::int32_t first = 0; first < channels; first += order.block) {
    const std::int32_t count = channels - first < order.block ? channels - first : order.block;
    if (first == 0 || !order.continuing) {
      const bool from_bias = first == 0 && order.bias == BiasAt::first;
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) {
        const auto start = from_bias ? V::load(bias + n * V::lanes) : V::zero();
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) sum[p][n] = start;
      }
    }
    for (std::int32_t t = 0; t < job.tap_count; ++t) {
      const std::ptrdiff_t offset = job.taps[t] + first;
      const float* x[P];
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) x[p] = inputs[p] + offset;
      for (std::int32_t c = 0; c < count; ++c) {
        typename V::Register w[N];
#pragma GCC unroll 4
        for (int n = 0; n < N; ++n) w[n] = V::load(weights + n * V::lanes);
        weights += N * V::lanes;
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
          const auto value = V::broadcast(x[p] + c);
#pragma GCC unroll 4
          for (int n = 0; n < N; ++n) sum[p][n] = V::fma(value, w[n], sum[p][n]);
        }
      }
    }
    const bool is_last = first + count == channels;
    if (order.continuing && !is_last) {
      continue;
    }
    const bool then_bias = (order.bias == BiasAt::last && is_last) ||
                           (order.bias == BiasAt::after_first_block && first == 0);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
      float* const to = output + p * job.output_stride;
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) {
        auto total = sum[p][n];
        if (first > 0 && !order.continuing) total = V::add(V::load(to + n * V::lanes), total);
        if (then_bias) total = V::add(total, V::load(bias + n * V::lanes));
        V::store(to + n * V::lanes, total);
      }
    }
  }
}

template <class V, int P, int N>
SB_INLINE std::size_t sum_tiles(const SumJob& job, std::size_t done, const float* weights,
                                const float* bias, float* output) {
  for (; done + P <= job.positions; done += P) {
    sum_tile<V, P, N>(job, job.inputs + done, weights, bias,
                      output + static_cast<std::ptrdiff_t>(done) * job.output_stride);
  }
  return done;
}

template <class V, int N>
SB_INLINE void sum_vectors(const SumJob& job, const float* weights, const float* bias,
                           float* output) {
  std::size_t done = sum_tiles<V, V::positions, N>(job, 0, weights, bias, output);
  if constexpr (V::positions > 8) {
    done = sum_tiles<V, 8, N>(job, done, weights, bias, output);
  }
  done = sum_tiles<V, 4, N>(job, done, weights, bias, output);
  done = sum_tiles<V, 2, N>(job, done, weights, bias, output);
  sum_tiles<V, 1, N>(job, done, weights, bias, output);
}

template <class V>
SB_INLINE void run_sums(const SumJob& job) {
  const std::ptrdiff_t products = std::ptrdiff_t{job.tap_count} * job.channels;
  const float* weights = job.weights;
  std::int32_t v = 0;
  for (; v + vectors_together <= job.vectors; v += vectors_together) {
    sum_vectors<V, vectors_together>(job, weights, job.bias + v * V::lanes,
                                     job.output + v * V::lanes);
    weights += products * V::lanes * vectors_together;
  }
  for (; v < job.vectors; ++v) {
    sum_vectors<V, 1>(job, weights, job.bias + v * V::lanes, job.output + v * V::lanes);
    weights += products * V::lanes;
  }
}

template <class V, int P>
SB_INLINE std::size_t depthwise_tiles(const DepthwiseJob& job, std::size_t done) {
  const std::int32_t width = job.vectors * V::lanes;
  for (; done + P <= job.positions; done += P) {
    const float* const* const inputs = job.inputs + done;
    for (std::int32_t c = 0; c < width; c += V::lanes) {
      typename V::Register sum[P];
      const auto bias = job.bias_at == BiasAt::none ? V::zero() : V::load(job.bias + c);
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) sum[p] = job.bias_at == BiasAt::first ? bias : V::zero();
      const float* weights = job.weights + c;
      for (std::int32_t t = 0; t < job.tap_count; ++t, weights += width) {
        const auto w = V::load(weights);
        const std::ptrdiff_t offset = job.taps[t] + c;
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) sum[p] = V::fma(V::load(inputs[p] + offset), w, sum[p]);
      }
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) {
        if (job.bias_at == BiasAt::last) sum[p] = V::add(sum[p], bias);
        V::store(job.output + static_cast<std::ptrdiff_t>(done + p) * job.output_stride + c,
                 sum[p]);
      }
    }
  }
  return done;
}

template <class V>
SB_INLINE void run_depthwise(const DepthwiseJob& job) {
  depthwise_tiles<V, 1>(job, depthwise_tiles<V, 8>(job, 0));
}

#undef SB_INLINE

}  // namespace
}  // namespace softbeam::run
