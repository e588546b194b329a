// A recurrent operator trusts its hidden state's batch: with another one it writes past its memory.
// Private to host/execute.
#pragma once

#include <ATen/core/stack.h>

#include "host/model/graph.h"

namespace softbeam::execute {

// Throws OperatorError if a recurrent operator's hidden state (often a constant of the export) was
// made for another batch than that of its input; does nothing for other operators.
void check_hidden_state(const model::Node& node, const torch::jit::Stack& stack);

}  // namespace softbeam::execute
