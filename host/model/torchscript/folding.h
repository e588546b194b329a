// Computes while the program is read what its constants alone decide. Private to torchscript/.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <vector>

#include "host/model/torchscript/abstract.h"
#include "host/model/torchscript/state.h"

namespace softbeam::model::torchscript {

// Runs an operator on numbers, strings and lists of those. Nothing if it makes tensors, changes its
// arguments, or needs a value that is known only at run time. Throws what the operator throws.
std::optional<std::vector<c10::IValue>> run_on_constants(const torch::jit::Node& node,
                                                         const std::vector<Abstract>& inputs,
                                                         const State& state);

// What holds for every tensor that softbeam runs a model on: it is not None, not sparse, not nested
// and has no gradient.
std::optional<c10::IValue> general_knowledge(const torch::jit::Node& node,
                                             const std::vector<Abstract>& inputs);

}  // namespace softbeam::model::torchscript
