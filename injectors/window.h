// Windows: rectangles of an image in which a faulty value differs from golden, and how they move
// through sliding operators (convolution, pooling). Shared by the CPU's wave and the kernels.
#pragma once

#include <cstdint>

#include "injectors/host_device.h"

namespace softbeam::injectors {

// Half-open range [first, last) of one axis.
struct Span {
  std::int32_t first = 0;
  std::int32_t last = 0;
  SB_HD constexpr std::int32_t size() const { return last - first; }
  SB_HD constexpr bool empty() const { return last <= first; }
  friend constexpr bool operator==(const Span&, const Span&) = default;
};

SB_HD constexpr Span united(Span a, Span b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {a.first < b.first ? a.first : b.first, a.last > b.last ? a.last : b.last};
}

SB_HD constexpr Span intersected(Span a, Span b) {
  const Span both{a.first > b.first ? a.first : b.first, a.last < b.last ? a.last : b.last};
  return both.empty() ? Span{} : both;
}

// A rectangle of an image, in pixels; it spans all channels.
struct Rect {
  Span y;
  Span x;
  SB_HD constexpr std::int32_t height() const { return y.size(); }
  SB_HD constexpr std::int32_t width() const { return x.size(); }
  SB_HD constexpr std::int64_t area() const { return std::int64_t{height()} * width(); }
  SB_HD constexpr bool empty() const { return y.empty() || x.empty(); }
  friend constexpr bool operator==(const Rect&, const Rect&) = default;
};

SB_HD constexpr Rect united(const Rect& a, const Rect& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {united(a.y, b.y), united(a.x, b.x)};
}

SB_HD constexpr Rect intersected(const Rect& a, const Rect& b) {
  const Rect both{intersected(a.y, b.y), intersected(a.x, b.x)};
  return both.empty() ? Rect{} : both;
}

// One axis of a sliding operator: output o reads the inputs o * stride - padding + k * dilation,
// k = 0 .. kernel - 1, of [0, in). `padding` is that in front; what stands behind follows from out.
struct Axis {
  std::int32_t kernel = 1;
  std::int32_t stride = 1;
  std::int32_t padding = 0;
  std::int32_t dilation = 1;
  std::int32_t in = 1;
  std::int32_t out = 1;
  SB_HD constexpr std::int32_t reach() const { return dilation * (kernel - 1) + 1; }
  friend constexpr bool operator==(const Axis&, const Axis&) = default;
};

SB_HD constexpr std::int32_t floor_divide(std::int32_t a, std::int32_t b) {
  return a / b - (a % b != 0 && a < 0 ? 1 : 0);
}

// The outputs that may read any of these inputs (all that do; with dilation some more).
SB_HD constexpr Span reached(const Axis& axis, Span inputs) {
  if (inputs.empty()) return {};
  const std::int32_t first =
      floor_divide(inputs.first + axis.padding - axis.reach() + axis.stride, axis.stride);
  const std::int32_t last = floor_divide(inputs.last - 1 + axis.padding, axis.stride) + 1;
  return intersected(Span{first, last}, Span{0, axis.out});
}

// The inputs that these outputs read, the halo included: it may lie outside of [0, in).
SB_HD constexpr Span needed(const Axis& axis, Span outputs) {
  if (outputs.empty()) return {};
  const std::int32_t first = outputs.first * axis.stride - axis.padding;
  return {first, (outputs.last - 1) * axis.stride - axis.padding + axis.reach()};
}

}  // namespace softbeam::injectors
