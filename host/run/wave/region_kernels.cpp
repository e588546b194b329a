#include "host/run/wave/region_kernels.h"

#include <cstring>

// One function, compiled for several machines; the loader picks. Contraction is off everywhere, so
// all of them give the same bits.
#if defined(__x86_64__)
#define SB_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SB_CLONES
#endif

namespace softbeam::run {
namespace {

using injectors::Rect;

// Of two NaNs the second wins, as in ATen; one NaN alone is made quiet by the addition itself.
[[gnu::always_inline]] inline float second_nan(float result, float second) {
  const auto quiet =
      __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, second) | 0x00400000U);
  return second != second ? quiet : result;
}

[[gnu::always_inline]] inline float sum(float first, float second) {
  return second_nan(first + second, second);
}

enum class Other : std::uint8_t { none, second, first };

template <bool norm, Other other, bool bounded>
[[gnu::always_inline]] inline float element(float x, float scale, float shift, float o, float low,
                                            float high) {
  if constexpr (norm) {
    x = __builtin_fmaf(x, scale, shift);
  }
  if constexpr (other == Other::second) {
    x = sum(x, o);
  } else if constexpr (other == Other::first) {
    x = sum(o, x);
  }
  if constexpr (bounded) {
    x = low > x ? low : x;
    x = high < x ? high : x;
  }
  return x;
}

template <bool norm, Other other, bool bounded>
[[gnu::always_inline]] inline void planes(const Chain& chain) {
  const float low = chain.low;
  const float high = chain.high;
  const std::int64_t area = chain.area;
  const std::int64_t total = chain.channels * area;
  for (std::int32_t c = 0; c < chain.channels; ++c) {
    const std::int64_t base = c * area;
    const float* const x = chain.x + base;
    const float* const o = other == Other::none ? x : chain.other + base;
    float* __restrict const y = chain.y + base;
    const float scale = norm ? chain.scale[c] : 1.0F;
    const float shift = norm ? chain.shift[c] : 0.0F;
    // Whole vectors: what they write behind the plane, the next plane overwrites.
    const std::int64_t rounded = (base + ((area + 7) & ~7) <= total ? area + 7 : area) & ~7;
    for (std::int64_t i = 0; i < rounded; ++i) {
      y[i] = element<norm, other, bounded>(x[i], scale, shift, o[i], low, high);
    }
    for (std::int64_t i = rounded; i < area; ++i) {
      y[i] = element<norm, other, bounded>(x[i], scale, shift, o[i], low, high);
    }
  }
}

// Windows of one pixel: the vectors lie along the channels.
template <Other other, bool bounded>
[[gnu::always_inline]] inline void pixels(const Chain& chain) {
  const float low = chain.low;
  const float high = chain.high;
  const float* const x = chain.x;
  const float* const o = other == Other::none ? x : chain.other;
  const float* const scale = chain.scale;
  const float* const shift = chain.shift;
  float* __restrict const y = chain.y;
  for (std::int32_t c = 0; c < chain.channels; ++c) {
    y[c] = element<true, other, bounded>(x[c], scale[c], shift[c], o[c], low, high);
  }
}

template <Other other, bool bounded>
[[gnu::always_inline]] inline void run_with(Chain chain) {
  if (chain.scale == nullptr) {
    chain.area *= chain.channels;
    chain.channels = 1;
    planes<false, other, bounded>(chain);
  } else if (chain.area == 1) {
    pixels<other, bounded>(chain);
  } else {
    planes<true, other, bounded>(chain);
  }
}

template <Other other>
[[gnu::always_inline]] inline void run_with(const Chain& chain) {
  if (chain.bounded) {
    run_with<other, true>(chain);
  } else {
    run_with<other, false>(chain);
  }
}

[[gnu::always_inline]] inline void copy_line(float* y, const float* x, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    y[i] = x[i];
  }
}

}  // namespace

SB_CLONES void run_chain(const Chain& chain) {
  if (chain.other == nullptr) {
    run_with<Other::none>(chain);
  } else if (chain.other_first) {
    run_with<Other::first>(chain);
  } else {
    run_with<Other::second>(chain);
  }
}

SB_CLONES void add_scaled(float* __restrict y, const float* a, const float* b, float alpha,
                          std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    y[i] = second_nan(__builtin_fmaf(b[i], alpha, a[i]), b[i]);
  }
}

SB_CLONES void add_scalar(float* __restrict y, const float* a, float b, float alpha,
                          std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    y[i] = second_nan(__builtin_fmaf(b, alpha, a[i]), b);
  }
}

SB_CLONES void multiply(float* __restrict y, const float* a, const float* b, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    y[i] = second_nan(a[i] * b[i], b[i]);
  }
}

SB_CLONES void multiply_scalar(float* __restrict y, const float* a, float b, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    y[i] = second_nan(a[i] * b, b);
  }
}

SB_CLONES void gather(float* __restrict y, const float* image, std::int32_t channels,
                      std::int32_t height, std::int32_t width, const Rect& rect) {
  const std::int64_t plane = std::int64_t{height} * width;
  const float* const end = image + channels * plane;
  const std::int32_t lines = rect.height();
  const std::int32_t count = rect.width();
  const float* corner = image + std::int64_t{rect.y.first} * width + rect.x.first;
  if (count == 1 && lines == 1) {
    for (std::int32_t c = 0; c < channels; ++c) {
      y[c] = corner[c * plane];
    }
    return;
  }
  if (count == width) {
    for (std::int32_t c = 0; c < channels; ++c, corner += plane, y += rect.area()) {
      std::memcpy(y, corner, static_cast<std::size_t>(rect.area()) * sizeof(float));
    }
    return;
  }
  const std::int32_t rounded = (count + 7) & ~7;
  const std::int64_t ahead = 2 * plane;  // lines of other channels lie on other pages
  for (std::int32_t c = 0; c < channels; ++c, corner += plane) {
    const float* line = corner;
    for (std::int32_t l = 0; l < lines; ++l, line += width, y += count) {
      __builtin_prefetch(line + ahead);
      __builtin_prefetch(line + ahead + count - 1);
      if (line + rounded <= end) {
        copy_line(y, line, rounded);  // the next line overwrites what is too much
      } else {
        copy_line(y, line, count);
      }
    }
  }
}

void lay_over(float* window, const Rect& outer, const float* row, const Rect& inner,
              std::int32_t channels) {
  const std::int64_t area = outer.area();
  const std::int32_t count = inner.width();
  float* corner = window + std::int64_t{inner.y.first - outer.y.first} * outer.width() +
                  (inner.x.first - outer.x.first);
  for (std::int32_t c = 0; c < channels; ++c, corner += area) {
    float* line = corner;
    for (std::int32_t l = 0; l < inner.height(); ++l, line += outer.width(), row += count) {
      copy_line(line, row, count);
    }
  }
}

}  // namespace softbeam::run
