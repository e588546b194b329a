// What one clean chunk shows of the graph: the geometry of every value, every node's arguments, and
// which value's content a node really reads behind in-place operators. Made once per campaign.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/stack.h>

#include <string>
#include <vector>

#include "host/execute/executor.h"
#include "host/execute/profile.h"

namespace softbeam::run {

struct SeenValue {
  bool seen = false;  // a tensor
  bool list = false;  // of tensors
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
  at::ScalarType type = at::ScalarType::Undefined;
};

struct SeenNode {
  // As the operator got them; tensors that depend on the samples are left out (None, or undefined
  // in a list).
  torch::jit::Stack arguments;
  // By slot: the value whose content stood there. An in-place operator gives its argument's names
  // new content: later readers of the old name read the operator's result.
  std::vector<model::ValueId> reads;
};

struct Capture {
  std::vector<SeenValue> values;        // by ValueId
  std::vector<SeenNode> nodes;          // by NodeId
  std::vector<bool> depends;            // by ValueId: on the samples
  std::vector<model::ValueId> outputs;  // of the graph, resolved as `reads` are
  std::string refusal;  // why the graph has no form without side effects; "" if it has
};

// Two samples' rows of every value that depends on the samples, for the proofs of regions.
struct FirstRows {
  std::vector<at::Tensor> values;  // by ValueId: contiguous [samples, elements]
  std::uint32_t samples = 0;
};

// Runs one chunk, [batch, sample shape...]. Keeps its first rows if `first` is given, by the
// layouts of `profile`.
Capture capture(execute::Executor& executor, const at::Tensor& samples,
                const execute::Profile* profile = nullptr, FirstRows* first = nullptr);

}  // namespace softbeam::run
