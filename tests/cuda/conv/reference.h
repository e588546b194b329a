// A convolution in float64, tap by tap, and how far a result in the geometry's type may be from it.
// The oracle of tests/cuda/conv; written without any code of cuda/ but plain sizes.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "cuda/conv/geometry.h"
#include "injectors/fault_model.h"

namespace softbeam::gpu {

struct Reference {
  std::vector<double> sums;
  std::vector<double> bounds;
};

// Index of (n, c, y, x) in a packed tensor of these sizes.
inline std::size_t index_in(Format format, std::int64_t channels, Pair image, std::int64_t n,
                            std::int64_t c, std::int64_t y, std::int64_t x) {
  const std::int64_t index = format == Format::channels_first
                                 ? ((n * channels + c) * image.y + y) * image.x + x
                                 : ((n * image.y + y) * image.x + x) * channels + c;
  return static_cast<std::size_t>(index);
}

// Unit round-off of the type that results are stored in.
inline double unit_of(injectors::DType dtype) {
  return std::ldexp(1.0, dtype == injectors::DType::float32   ? -24
                         : dtype == injectors::DType::float16 ? -11
                                                              : -8);
}

// The bound is that of a sum in float32 in any order (Higham, Accuracy and Stability of Numerical
// Algorithms, section 4.2), n * u * sum of magnitudes with one factor more for the products, and
// one rounding of the result.
inline Reference convolve(const ConvGeometry& g, const std::vector<double>& input,
                          const std::vector<double>& weight) {
  const Pair out = output_image(g);
  const std::int64_t in_group = g.channels / g.groups;
  const std::int64_t out_group = g.outputs / g.groups;
  const double taps = static_cast<double>(in_group * g.kernel.y * g.kernel.x);
  Reference result;
  result.sums.resize(static_cast<std::size_t>(output_words(g)));
  result.bounds.resize(result.sums.size());
  for (std::int64_t n = 0; n < g.batch; ++n) {
    for (std::int64_t k = 0; k < g.outputs; ++k) {
      for (std::int64_t oy = 0; oy < out.y; ++oy) {
        for (std::int64_t ox = 0; ox < out.x; ++ox) {
          double sum = 0.0;
          double magnitude = 0.0;
          for (std::int64_t c = 0; c < in_group; ++c) {
            for (std::int64_t ky = 0; ky < g.kernel.y; ++ky) {
              for (std::int64_t kx = 0; kx < g.kernel.x; ++kx) {
                const std::int64_t y = oy * g.stride.y - g.padding.y + ky * g.dilation.y;
                const std::int64_t x = ox * g.stride.x - g.padding.x + kx * g.dilation.x;
                if (y < 0 || x < 0 || y >= g.image.y || x >= g.image.x) continue;
                const double product = input[index_in(g.format, g.channels, g.image, n,
                                                      k / out_group * in_group + c, y, x)] *
                                       weight[index_in(g.format, in_group, g.kernel, k, c, ky, kx)];
                sum += product;
                magnitude += std::abs(product);
              }
            }
          }
          const std::size_t at = index_in(g.format, g.outputs, out, n, k, oy, ox);
          result.sums[at] = sum;
          result.bounds[at] = (taps + 2) * std::ldexp(magnitude, -24) +
                              unit_of(g.dtype) * std::abs(sum) + std::ldexp(1.0, -24);
        }
      }
    }
  }
  return result;
}

// Shapes that networks have, small: plain, strided, dilated, grouped, depthwise, pointwise.
inline std::vector<ConvGeometry> small_geometries() {
  const std::vector<ConvGeometry> shapes = {
      {.batch = 2,
       .channels = 8,
       .image = {9, 11},
       .outputs = 16,
       .kernel = {3, 3},
       .padding = {1, 1}},
      {.batch = 2,
       .channels = 3,
       .image = {17, 15},
       .outputs = 8,
       .kernel = {7, 7},
       .stride = {2, 2},
       .padding = {3, 3}},
      {.batch = 3, .channels = 16, .image = {7, 7}, .outputs = 24, .kernel = {1, 1}},
      {.batch = 2,
       .channels = 8,
       .image = {13, 12},
       .outputs = 8,
       .kernel = {3, 3},
       .padding = {2, 2},
       .dilation = {2, 2}},
      {.batch = 2,
       .channels = 16,
       .image = {8, 8},
       .outputs = 32,
       .groups = 4,
       .kernel = {3, 3},
       .padding = {1, 1}},
      {.batch = 2,
       .channels = 16,
       .image = {10, 9},
       .outputs = 16,
       .groups = 16,
       .kernel = {3, 3},
       .stride = {2, 2},
       .padding = {1, 1}},
      {.batch = 1,
       .channels = 6,
       .image = {28, 5},
       .outputs = 10,
       .kernel = {5, 1},
       .stride = {1, 2},
       .padding = {2, 0}}};
  std::vector<ConvGeometry> all;
  for (const injectors::DType dtype :
       {injectors::DType::float32, injectors::DType::float16, injectors::DType::bfloat16}) {
    for (const Format format : {Format::channels_first, Format::channels_last}) {
      for (ConvGeometry shape : shapes) {
        shape.dtype = dtype;
        shape.format = format;
        all.push_back(shape);
      }
    }
  }
  return all;
}

}  // namespace softbeam::gpu
