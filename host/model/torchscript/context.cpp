#include "host/model/torchscript/context.h"

#include <torch/csrc/jit/ir/ir.h>

namespace softbeam::model::torchscript {

std::string Context::location(const torch::jit::Node& node) const {
  return source_location(node.sourceRange(), callers);
}

std::string Context::describe(const torch::jit::Node& node) const {
  const std::string path = stack.empty() ? "" : stack.back().path;
  const std::string place = location(node);
  return (path.empty() ? std::string("the model's forward") : path) +
         (place.empty() ? "" : " (" + place + ")");
}

}  // namespace softbeam::model::torchscript
