// Pooling of one window, in the library's own order of operations. Used by the pooling step and its
// proof.
#pragma once

#include <vector>

#include "host/run/wave/program.h"

namespace softbeam::run {

// One trial's window at a pooling.
struct PoolWindow {
  const float* golden = nullptr;  // input image
  const float* row = nullptr;     // laid over it; null: clean
  injectors::Rect row_rect;
  injectors::Rect outputs;  // wanted; within the image
};

class WindowPool {
 public:
  WindowPool(const Pooling& pooling, std::int32_t channels)
      : pooling_(pooling), channels_(channels) {}

  // [channels][outputs], valid until the next call. `memory` is used again.
  const float* operator()(const PoolWindow& window, std::vector<float>& memory) const;

 private:
  float greatest(const float* plane, std::int32_t line, std::int32_t y, std::int32_t x) const;
  float average(const float* plane, std::int32_t line, const injectors::Rect& inputs,
                std::int32_t y, std::int32_t x) const;

  const Pooling& pooling_;
  std::int32_t channels_;
};

}  // namespace softbeam::run
