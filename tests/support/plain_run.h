// A slow, obviously right interpreter of a Graph: the reference for tests of readers and executors.
#pragma once

#include <ATen/core/ivalue.h>

#include <vector>

#include "host/model/graph.h"

namespace softbeam::support {

// Every value of one run on the CPU as it was when it was made, by ValueId. Memory that a node
// writes to is copied first, so what lies there stays; later nodes then read the written copy
// through every name and view that shared the memory, as in Python.
std::vector<c10::IValue> plain_values(const model::Graph& graph,
                                      const std::vector<at::Tensor>& inputs);

// The graph's outputs.
std::vector<at::Tensor> plain_run(const model::Graph& graph, const std::vector<at::Tensor>& inputs);

}  // namespace softbeam::support
