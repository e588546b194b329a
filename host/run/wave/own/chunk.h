// Computes windows with our own kernels: lays them out with their channels together, sums, and
// hands each result back as planes. Used by the convolution step and the proof.
#pragma once

#include <span>
#include <vector>

#include "host/run/wave/conv_chunk.h"
#include "host/run/wave/own/layer.h"

namespace softbeam::run {

// Memory of one worker, used again by every call.
class OwnChunk {
 public:
  // Lays out the first windows, as many as the caches hold but at least one; returns how many.
  // Windows of like widths should follow one another. Their outputs lie within the image.
  std::size_t gather(const OwnLayer& layer, std::span<const ConvWindow> windows);
  void call(const OwnLayer& layer);

  // Behind call(): [channels][height][width] of window i; valid until the next result().
  const float* result(const OwnLayer& layer, std::size_t i);
  std::uint64_t macs() const { return macs_; }

 private:
  void lay(const OwnLayer& layer, const ConvWindow& window, float* to);
  void add_positions(const OwnLayer& layer, const ConvWindow& window, const float* at);

  std::ptrdiff_t line_ = 0;  // words from line to line, in every window of the chunk
  std::vector<injectors::Rect> outputs_;
  std::vector<std::size_t> first_;  // position of each window
  std::vector<const float*> positions_;
  std::vector<std::ptrdiff_t> taps_;
  FloatBuffer input_;
  FloatBuffer sums_;
  FloatBuffer planes_;
  const float* results_ = nullptr;
  std::uint64_t macs_ = 0;
};

}  // namespace softbeam::run
