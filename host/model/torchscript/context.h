// Where the reader is in the program: the module calls around a node, and the way to report it.
// Private to torchscript/.
#pragma once

#include <string>
#include <vector>

#include "host/model/builder.h"
#include "host/model/torchscript/location.h"

namespace torch::jit {
struct Node;
}

namespace softbeam::model::torchscript {

struct Context {
  std::vector<ModuleCall> stack;                 // from the root to the innermost module
  std::vector<torch::jit::SourceRange> callers;  // from the outermost call to the innermost

  std::string location(const torch::jit::Node& node) const;
  // "layer1.0 (model.py:41)"
  std::string describe(const torch::jit::Node& node) const;
};

}  // namespace softbeam::model::torchscript
