#include "host/run/wave/pool_window.h"

#include <algorithm>
#include <limits>

#include "host/run/wave/gather.h"

namespace softbeam::run {

using injectors::Axis;
using injectors::Rect;
using injectors::Span;

// Of the inputs from (y, x) on. The library keeps the last NaN, and of equal values the first.
float WindowPool::greatest(const float* plane, std::int32_t line, std::int32_t y,
                           std::int32_t x) const {
  float greatest = -std::numeric_limits<float>::infinity();
  for (std::int32_t ky = 0; ky < pooling_.y.kernel; ++ky) {
    const float* from = plane + (y + ky * pooling_.y.dilation) * line + x;
    for (std::int32_t kx = 0; kx < pooling_.x.kernel; ++kx) {
      const float value = from[kx * pooling_.x.dilation];
      greatest = value > greatest || value != value ? value : greatest;
    }
  }
  return greatest;
}

// Of output (y, x) of the image; `inputs` is where the plane lies in it. Padding is left out of the
// sum, and out of the divisor unless asked for.
float WindowPool::average(const float* plane, std::int32_t line, const Rect& inputs, std::int32_t y,
                          std::int32_t x) const {
  const auto read = [](const Axis& axis, std::int32_t output) {
    const std::int32_t first = output * axis.stride - axis.padding;
    return Span{first, std::min(first + axis.kernel, axis.in + axis.padding)};
  };
  const Rect padded{read(pooling_.y, y), read(pooling_.x, x)};
  const Rect inside{intersected(padded.y, {0, pooling_.y.in}),
                    intersected(padded.x, {0, pooling_.x.in})};
  if (inside.empty()) {
    return 0;
  }
  float sum = 0;
  for (std::int32_t iy = inside.y.first; iy < inside.y.last; ++iy) {
    for (std::int32_t ix = inside.x.first; ix < inside.x.last; ++ix) {
      sum += plane[(iy - inputs.y.first) * line + (ix - inputs.x.first)];
    }
  }
  std::int64_t divisor = pooling_.divisor;
  if (divisor == 0) {
    divisor = pooling_.count_include_pad ? padded.area() : inside.area();
  }
  return 0.0F + sum / static_cast<float>(divisor);
}

const float* WindowPool::operator()(const PoolWindow& window, std::vector<float>& memory) const {
  const Rect& outputs = window.outputs;
  const Rect inputs{needed(pooling_.y, outputs.y), needed(pooling_.x, outputs.x)};
  const std::int32_t line = inputs.width();
  const auto in = static_cast<std::size_t>(inputs.area());
  const auto out = static_cast<std::size_t>(outputs.area());
  const auto channels = static_cast<std::size_t>(channels_);
  memory.resize(std::max(memory.size(), channels * (in + out)));
  gather_window({.rect = inputs,
                 .golden = window.golden,
                 .height = pooling_.y.in,
                 .width = pooling_.x.in,
                 .row_rect = window.row_rect,
                 .row = window.row,
                 .fill = -std::numeric_limits<float>::infinity(),
                 .to = memory.data(),
                 .to_line = line,
                 .to_plane = static_cast<std::ptrdiff_t>(in)},
                channels_);
  float* const results = memory.data() + channels * in;
  float* result = results;
  for (std::size_t c = 0; c < channels; ++c) {
    const float* plane = memory.data() + c * in;
    for (std::int32_t y = 0; y < outputs.height(); ++y) {
      for (std::int32_t x = 0; x < outputs.width(); ++x) {
        *result++ = pooling_.kind == Pooling::Kind::max
                        ? greatest(plane, line, y * pooling_.y.stride, x * pooling_.x.stride)
                        : average(plane, line, inputs, outputs.y.first + y, outputs.x.first + x);
      }
    }
  }
  return results;
}

}  // namespace softbeam::run
