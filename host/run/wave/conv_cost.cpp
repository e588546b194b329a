#include "host/run/wave/conv_cost.h"

namespace softbeam::run {

// Constants as measured on one core with AVX-512; each node scales them by what it measures.
double modelled_seconds(const Convolution& geometry, const ConvShape& shape) {
  constexpr double call_seconds = 45e-6;
  constexpr double bytes_per_second = 10e9;  // reordering images and weights
  constexpr double macs_per_second = 90e9;
  const ConvLayout layout(geometry, shape);
  // Kernels keep the weights in registers over one line of outputs: short lines waste loads.
  const double line = static_cast<double>(shape.packing == Packing::pixels
                                              ? std::int64_t{shape.height} * shape.width
                                              : layout.output_sizes()[3]);
  const double efficiency = line / (line + 1.6);
  const double weights = static_cast<double>(geometry.macs_per_pixel());
  const auto elements =
      static_cast<double>(layout.input_elements() + layout.output_elements()) + weights;
  return call_seconds + elements * sizeof(float) / bytes_per_second +
         static_cast<double>(layout.macs()) / (macs_per_second * efficiency);
}

double gather_seconds(const Convolution& geometry, std::int32_t height, std::int32_t width) {
  constexpr double line_seconds = 2e-9;
  constexpr double float_seconds = 0.15e-9;
  const double lines = static_cast<double>(geometry.in_channels) *
                       ((height - 1) * geometry.y.stride + geometry.y.reach());
  const double floats = lines * ((width - 1) * geometry.x.stride + geometry.x.reach());
  return lines * line_seconds + floats * float_seconds;
}

double dense_row_seconds(const Convolution& geometry) {
  constexpr double float_seconds = 0.4e-9;
  const double in = static_cast<double>(geometry.in_channels) * geometry.y.in * geometry.x.in;
  const double out = static_cast<double>(geometry.out_channels) * geometry.y.out * geometry.x.out;
  return (in + out) * float_seconds;
}

}  // namespace softbeam::run
