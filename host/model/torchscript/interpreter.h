// Walks a TorchScript program once, without inputs, and puts what must run into the graph: calls
// are followed, known branches taken, known loops unrolled. Private to torchscript/.
#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/model/torchscript/abstract.h"
#include "host/model/torchscript/context.h"
#include "host/model/torchscript/emitter.h"
#include "host/model/torchscript/ranks.h"
#include "host/model/torchscript/state.h"

namespace softbeam::model::torchscript {

class Interpreter {
 public:
  // `program` keeps the code alive in the graph's kernels.
  Interpreter(GraphBuilder& builder, State& state, std::shared_ptr<const void> program);

  // Follows a call; `arguments` without self. Throws RunError where the program depends on data.
  Abstract call_method(const ObjectRef& self, const std::string& method,
                       std::vector<Abstract> arguments);

 private:
  using Values = std::unordered_map<const torch::jit::Value*, Abstract>;
  using Results = std::vector<Abstract>;

  Results run(const torch::jit::Block& block, Values& values);
  Results call_function(torch::jit::Function& function, const Results& inputs);
  Results visit(const torch::jit::Node& node, Values& values);
  Results visit_constant(const torch::jit::Node& node);
  Results visit_call(const torch::jit::Node& node, const Results& inputs);
  Results visit_if(const torch::jit::Node& node, const Abstract& condition, Values& values);
  Results visit_loop(const torch::jit::Node& node, const Results& inputs, Values& values);
  Results visit_attribute(const torch::jit::Node& node, const Abstract& owner);
  Results visit_set_attribute(const torch::jit::Node& node, const Results& inputs);
  Results visit_operator(const torch::jit::Node& node, const Results& inputs);
  // The results, where the program's constants decide them.
  std::optional<Results> fold(const torch::jit::Node& node, const Results& inputs);
  std::optional<Results> fold_sizes(const torch::jit::Node& node, const Results& inputs);
  std::optional<std::int64_t> rank(const torch::jit::Node& at, ValueId tensor);
  bool is_instance(const torch::jit::Node& node, const Abstract& value) const;
  void enter_module(const std::string& path);
  [[noreturn]] void fail(const torch::jit::Node& node, const std::string& problem,
                         const std::string& suggestion) const;

  State& state_;
  Emitter emitter_;
  Ranks ranks_;
  Context context_;
  std::unordered_map<std::string, std::size_t> calls_;     // of each module path
  std::unordered_map<std::uint32_t, c10::TypePtr> types_;  // of results, by ValueId
  std::size_t steps_ = 0;
};

}  // namespace softbeam::model::torchscript
