// Calls a step's operators on chunks of the campaign's own shape in the device's memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "host/run/wave/node_call.h"
#include "host/run/wave/program.h"

namespace softbeam::run {

class StepCall {
 public:
  // All references must outlive the call.
  StepCall(const Program& program, execute::Executor& executor, const Step& step);

  at::Device device() const { return device_; }
  // A chunk for one of the step's inputs, in golden's sizes and strides, all zeros.
  at::Tensor chunk(std::size_t input) const;
  // The step's outputs as contiguous rows, [batch, elements]; may write to what it is given. Throws
  // NoWave where an output has other sizes than golden's.
  std::vector<at::Tensor> operator()(std::span<const at::Tensor> inputs) const;

 private:
  const Program& program_;
  const Step& step_;
  at::Device device_;
  std::vector<NodeCall> calls_;
};

}  // namespace softbeam::run
