// The model as torch.jit.freeze and optimize_for_inference would leave it: batch norm folded,
// layers in oneDNN's own formats, where LibTorch can. Made from the graph, so that .pt2 files have
// it, too. Used by bench.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "host/model/graph.h"

namespace softbeam::bench {

class Frozen {
 public:
  // Throws what LibTorch throws where an operator has no TorchScript form.
  explicit Frozen(const model::Graph& graph);
  ~Frozen();

  // The model's first output. Any number of threads at the same time.
  at::Tensor run(const at::Tensor& batch) const;

 private:
  struct Code;
  std::unique_ptr<Code> code_;
};

}  // namespace softbeam::bench
