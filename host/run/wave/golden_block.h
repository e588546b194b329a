// Golden's kept values for a block of samples. Shared by all workers, read-only.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "host/run/plain.h"
#include "host/run/wave/program.h"

namespace softbeam::run {

class GoldenBlock {
 public:
  // Runs the samples, which follow one another, in chunks of the campaign's shape, in parallel over
  // the runners.
  // `check` sees the model's outputs, a row per sample, from several threads; may be empty.
  using Check = std::function<void(std::span<const std::uint32_t>, const std::vector<at::Tensor>&)>;
  GoldenBlock(const Program& program, std::span<const std::unique_ptr<PlainRunner>> runners,
              std::vector<std::uint32_t> samples, const Check& check);

  std::size_t size() const { return samples_.size(); }
  const std::vector<std::uint32_t>& samples() const { return samples_; }
  // Precondition: the sample is in the block.
  std::uint32_t slot(std::uint32_t sample) const { return sample - samples_.front(); }
  // One sample's part of a kept value, contiguous in its logical order; `slot` counts the block's
  // samples.
  const std::byte* row(model::ValueId id, std::uint32_t slot) const {
    return rows_[id.value][slot];
  }
  const float* floats(model::ValueId id, std::uint32_t slot) const {
    return reinterpret_cast<const float*>(row(id, slot));
  }

 private:
  std::vector<std::uint32_t> samples_;
  std::vector<std::vector<const std::byte*>> rows_;  // [value][slot]
  std::vector<at::Tensor> memory_;                   // what they point into
};

}  // namespace softbeam::run
