// The kernels for processors with AVX-512; compiled for them alone.
#include <immintrin.h>

#include "host/run/wave/own/kernel_body.h"
#include "host/run/wave/own/kernel_sets.h"

namespace softbeam::run {
namespace {

struct Vector {
  using Register = __m512;
  static constexpr int lanes = 16;
  static constexpr int positions = 14;  // 28 sums, two weights, one input: 31 of 32 registers
  [[gnu::always_inline]] static Register zero() { return _mm512_setzero_ps(); }
  [[gnu::always_inline]] static Register load(const float* p) { return _mm512_loadu_ps(p); }
  [[gnu::always_inline]] static void store(float* p, Register v) { _mm512_storeu_ps(p, v); }
  [[gnu::always_inline]] static Register broadcast(const float* p) { return _mm512_set1_ps(*p); }
  [[gnu::always_inline]] static Register add(Register a, Register b) { return _mm512_add_ps(a, b); }
  [[gnu::always_inline]] static Register fma(Register a, Register b, Register c) {
    return _mm512_fmadd_ps(a, b, c);
  }
};

}  // namespace

void run_avx512(const SumJob& job) { run_sums<Vector>(job); }
void run_avx512(const DepthwiseJob& job) { run_depthwise<Vector>(job); }

}  // namespace softbeam::run
