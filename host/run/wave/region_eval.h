// Evaluates a region over one window of one trial on scratch memory. Private to host/run/wave.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "host/run/wave/region.h"
#include "injectors/window.h"

namespace softbeam::run {

// The operands of a region over one window, each [channels][area]. Its memory is used again.
class Evaluation {
 public:
  // Forgets what was there. The region must outlive the evaluation.
  void begin(const Region& region, const injectors::Rect& window);

  // External operands: golden, the whole image, and a row [channels] x `rect` that is laid over it;
  // null: none. Both may be used in place and must live as long as the results.
  void set_external(std::uint32_t operand, const float* golden, const float* row,
                    const injectors::Rect& rect);

  // All passes: what lies between the stages of one pass is not made.
  void run_passes();
  // One stage, as it stands in the region.
  void run_stage(const Stage& stage);

  const float* data(std::uint32_t operand) const { return data_[operand]; }
  // The same, to be struck; copies what lies in memory of others, or is another operand's too.
  float* writable(std::uint32_t operand);

 private:
  void run_pass(const Pass& pass);
  void run_unary(const Stage& stage);
  float* own(std::uint32_t operand) { return memory_.data() + place_[operand]; }
  std::int64_t words(std::uint32_t operand) const { return region_->channels[operand] * area_; }

  const Region* region_ = nullptr;
  injectors::Rect window_;
  std::int64_t area_ = 0;
  std::vector<const float*> data_;  // by operand; null: not made
  std::vector<std::size_t> place_;  // by operand: of its own memory
  std::vector<float> memory_;
  std::vector<at::Tensor> held_;  // results of the library
};

}  // namespace softbeam::run
