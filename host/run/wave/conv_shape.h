// The fixed tensor shapes in which convolution windows are computed, and where windows lie in them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "host/run/wave/program.h"
#include "host/run/wave/settings.h"

namespace softbeam::run {

// How windows share a tensor.
enum class Packing : std::uint8_t {
  images,  // one window an image (crop)
  cells,   // a grid of windows with their halo in images of golden's own shape (canvas)
  pixels,  // 1x1 kernels: the windows' pixels in line, in images of any shape (crop or canvas)
};

struct ConvShape {
  Form form = Form::crop;
  Packing packing = Packing::images;
  std::int32_t batch = 0;
  std::int32_t height = 0;  // outputs of a window; of an image of pixels
  std::int32_t width = 0;
  friend auto operator<=>(const ConvShape&, const ConvShape&) = default;
};
std::string describe(const ConvShape& shape);

// True where the node reads single pixels.
inline bool is_pointwise(const Convolution& geometry) {
  return geometry.y.kernel == 1 && geometry.x.kernel == 1;
}

// The rectangle of inputs that these outputs read.
inline injectors::Rect needed(const Convolution& geometry, const injectors::Rect& outputs) {
  return {injectors::needed(geometry.y, outputs.y), injectors::needed(geometry.x, outputs.x)};
}

// Where one window lies, in elements from the start of the input and the output tensor.
struct ConvPlace {
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t input_line = 0;
  std::int64_t input_plane = 0;
  std::int64_t output_line = 0;
  std::int64_t output_plane = 0;
  injectors::Rect outputs;  // computed there: those wanted and what fills the window up
};

// Hands out the places of one tensor, one window after the other.
class ConvLayout {
 public:
  ConvLayout(const Convolution& geometry, const ConvShape& shape);

  const std::array<std::int64_t, 4>& input_sizes() const { return input_sizes_; }
  const std::array<std::int64_t, 4>& output_sizes() const { return output_sizes_; }
  std::int64_t input_elements() const;
  std::int64_t output_elements() const;
  // Windows; for pixels, those of this size.
  std::int64_t capacity(std::int32_t height, std::int32_t width) const;
  std::uint64_t macs() const;

  // The next window's place; nothing when the tensor is full.
  std::optional<ConvPlace> next(const injectors::Rect& outputs);

 private:
  struct Cells {
    std::int32_t first = 0;  // output of the first cell whose halo lies inside
    std::int32_t pitch = 1;
    std::int32_t count = 0;
  };
  static Cells cells(const injectors::Axis& axis, std::int32_t outputs);
  ConvPlace at(std::int64_t image, std::int32_t y, std::int32_t x) const;

  const Convolution& geometry_;
  ConvShape shape_;
  Cells down_;
  Cells across_;
  std::array<std::int64_t, 4> input_sizes_{};
  std::array<std::int64_t, 4> output_sizes_{};
  std::int64_t next_ = 0;   // window
  std::int64_t image_ = 0;  // pixels
  std::int64_t pixel_ = 0;
};

}  // namespace softbeam::run
