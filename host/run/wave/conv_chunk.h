// Computes windows in one tensor of a form: gathers them, calls the library, and says where each
// result lies. The first window of every chunk is a sentinel. Used by the step and by proofs.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "host/run/wave/conv_layer.h"

namespace softbeam::run {

// One trial's window at a convolution.
struct ConvWindow {
  const float* golden = nullptr;  // input image
  const float* row = nullptr;     // laid over it; null: clean
  injectors::Rect row_rect;
  injectors::Rect outputs;  // wanted
};

// Aligned memory that grows.
class FloatBuffer {
 public:
  float* at_least(std::int64_t elements);

 private:
  at::Tensor memory_;
  std::int64_t elements_ = 0;
};

class ConvChunk {
 public:
  // Lays windows into the tensor, as many as fit; returns how many. `buffer` must outlive call().
  std::size_t gather(const ConvLayer& layer, const ConvShape& shape,
                     std::span<const ConvWindow> windows, FloatBuffer& buffer);
  void call(const ConvLayer& layer);

  std::size_t size() const { return places_.size(); }
  std::uint64_t macs() const { return macs_; }
  // Behind call(): the first wanted output of window i, lines and planes as its place says.
  const float* result(std::size_t i) const { return results_ + places_[i].output; }
  const ConvPlace& place(std::size_t i) const { return places_[i]; }

  // True if the results of window i are those of `expected`, an output image of the layer.
  bool equals(std::size_t i, const ConvLayer& layer, const float* expected) const;

 private:
  ConvShape shape_;
  std::vector<ConvPlace> places_;
  std::uint64_t macs_ = 0;
  float* input_ = nullptr;
  at::Tensor output_;
  const float* results_ = nullptr;
};

}  // namespace softbeam::run
