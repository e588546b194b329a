// The kernels for processors with AVX2 and FMA; compiled for them alone.
#include <immintrin.h>

#include "host/run/wave/own/kernel_body.h"
#include "host/run/wave/own/kernel_sets.h"

namespace softbeam::run {
namespace {

struct Vector {
  using Register = __m256;
  static constexpr int lanes = 8;
  static constexpr int positions = 6;  // 12 sums, two weights, one input: 15 of 16 registers
  [[gnu::always_inline]] static Register zero() { return _mm256_setzero_ps(); }
  [[gnu::always_inline]] static Register load(const float* p) { return _mm256_loadu_ps(p); }
  [[gnu::always_inline]] static void store(float* p, Register v) { _mm256_storeu_ps(p, v); }
  [[gnu::always_inline]] static Register broadcast(const float* p) {
    return _mm256_broadcast_ss(p);
  }
  [[gnu::always_inline]] static Register add(Register a, Register b) { return _mm256_add_ps(a, b); }
  [[gnu::always_inline]] static Register fma(Register a, Register b, Register c) {
    return _mm256_fmadd_ps(a, b, c);
  }
};

}  // namespace

void run_avx2(const SumJob& job) { run_sums<Vector>(job); }
void run_avx2(const DepthwiseJob& job) { run_depthwise<Vector>(job); }

}  // namespace softbeam::run
