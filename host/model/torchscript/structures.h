// Operations on lists, tuples and dicts whose shape is known while the program is read: they leave
// no node in the graph. Private to torchscript/.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <vector>

#include "host/model/torchscript/abstract.h"

namespace softbeam::model::torchscript {

// The node's results, or nothing if it is no such operation or what it needs is not known. Lists
// are changed in place where Python would do so.
std::optional<std::vector<Abstract>> apply_structure(const torch::jit::Node& node,
                                                     const std::vector<Abstract>& inputs);

}  // namespace softbeam::model::torchscript
