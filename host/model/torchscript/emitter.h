// Turns TorchScript nodes that have to run into nodes of the graph. Private to torchscript/.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/model/builder.h"
#include "host/model/torchscript/abstract.h"
#include "host/model/torchscript/context.h"
#include "host/model/torchscript/state.h"

namespace softbeam::model::torchscript {

// What add_node() needs to know besides the arguments.
struct Call {
  std::string target;
  std::string op;
  std::function<void(torch::jit::Stack&)> kernel;
  std::vector<std::string> argument_names;
  std::vector<c10::TypePtr> argument_types;
  std::vector<std::uint32_t> writes;
  std::size_t results = 0;
  bool tensor_results = false;
};

class Emitter {
 public:
  // `program` is what the operators of the file need to stay alive.
  Emitter(GraphBuilder& builder, const State& state, std::shared_ptr<const void> program);

  // Throws RunError for an operator that cannot be called.
  std::vector<Abstract> emit(const torch::jit::Node& node, std::vector<Abstract> inputs,
                             const Context& context);
  // A node with a kernel of its own; `at` says where in the program.
  std::vector<Abstract> emit(Call call, const std::vector<Abstract>& inputs,
                             const torch::jit::Node& at, const Context& context);

  // `list` (or tuple) taken apart into `count` items; throws at run time if it has more or fewer.
  std::vector<Abstract> unpack(const torch::jit::Node& at, const Abstract& list, std::size_t count,
                               bool tensors, const Context& context);
  // A method that is written in C++, of a packed parameter for example.
  std::vector<Abstract> call_builtin(const torch::jit::Node& node, torch::jit::Function& method,
                                     const std::vector<Abstract>& inputs, const Context& context);

 private:
  Call operator_call(const torch::jit::Node& node, const Context& context) const;

  GraphBuilder& builder_;
  const State& state_;
  std::shared_ptr<const void> program_;
};

}  // namespace softbeam::model::torchscript
