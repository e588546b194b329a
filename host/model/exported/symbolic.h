// Arithmetic of sizes: the Python operators that torch.export leaves in a graph, on numbers.
// Private to host/model/exported.
#pragma once

#include <ATen/core/stack.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace softbeam::model::exported {

struct SymbolicOperator {
  std::string name;  // "mul"
  std::size_t arguments;
  // Pops the arguments, pushes the result as Python would have computed it. Throws RunError on
  // overflow and division by zero.
  std::function<void(torch::jit::Stack&)> kernel;
};

// `target` as the file has it: "_operator.mul", "torch.sym_min", "math.trunc".
std::optional<SymbolicOperator> symbolic_operator(std::string_view target);

}  // namespace softbeam::model::exported
