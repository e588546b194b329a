#include "host/bench/frozen.h"

#include <fmt/format.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/frozen_conv_add_relu_fusion.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/frozen_linear_transpose.h>
#include <torch/csrc/jit/passes/frozen_ops_to_mkldnn.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include "host/base/error.h"

namespace softbeam::bench {
namespace {

namespace jit = torch::jit;

class Writer {
 public:
  explicit Writer(const model::Graph& graph)
      : graph_(graph), jit_(std::make_shared<jit::Graph>()), values_(graph.values.size(), nullptr) {
    for (const model::Input& input : graph.inputs) {
      values_[input.value.value] = jit_->addInput();
    }
    for (const model::Stored& stored : graph.stored) {
      c10::IValue content = stored.content;
      if (content.isTensor()) {
        content = content.toTensor().detach();
      }
      values_[stored.value.value] = jit_->insertConstant(content);
    }
    for (const model::Node& node : graph.nodes) {
      write(node);
    }
    jit_->registerOutput(value(graph.outputs.front()));
  }

  std::shared_ptr<jit::Graph> take() { return std::move(jit_); }

 private:
  jit::Value* value(model::ValueId id) const {
    jit::Value* const found = values_[id.value];
    if (found == nullptr) {
      throw RunError(fmt::format("{} has no TorchScript form", graph_.value(id).name));
    }
    return found;
  }

  // The list that stands in the template, with the slots' values as items.
  jit::Value* list(const c10::IValue& items, const std::vector<const model::Slot*>& slots) {
    std::vector<jit::Value*> values;
    for (const c10::IValue& item : items.toListRef()) {
      const bool hole = item.isTensor() && !item.toTensor().defined();
      values.push_back(jit_->insertConstant(hole ? c10::IValue() : item));
    }
    for (const model::Slot* slot : slots) {
      values[static_cast<std::size_t>(slot->item)] = value(slot->value);
    }
    bool optional = false;
    c10::TypePtr type;
    for (const jit::Value* v : values) {
      optional = optional || v->type()->kind() == c10::TypeKind::NoneType;
      type = v->type()->kind() == c10::TypeKind::NoneType ? type : v->type();
    }
    if (type->kind() == c10::TypeKind::TensorType) {
      type = c10::TensorType::get();
    }
    type = optional ? c10::TypePtr(c10::OptionalType::create(type)) : type;
    return jit_->insertNode(jit_->createList(type, values))->output();
  }

  void write(const model::Node& node) {
    if (node.target == "prim::ListUnpack") {
      jit::Node* unpack = jit_->insertNode(
          jit_->createListUnpack(value(node.slots.front().value), node.outputs.size()));
      for (std::size_t o = 0; o < node.outputs.size(); ++o) {
        values_[node.outputs[o].value] = unpack->outputs()[o];
      }
      return;
    }
    if (node.outputs.empty()) {
      return;  // a check of the user's code
    }
    std::vector<jit::NamedValue> arguments;
    for (std::uint32_t a = 0; a < node.arguments.size(); ++a) {
      std::vector<const model::Slot*> slots;
      for (const model::Slot& slot : node.slots) {
        if (slot.argument == a) slots.push_back(&slot);
      }
      const std::string& name = node.argument_names[a];
      if (slots.empty()) {
        arguments.emplace_back(name, node.arguments[a]);
      } else if (slots.front()->item < 0) {
        arguments.emplace_back(name, value(slots.front()->value));
      } else {
        arguments.emplace_back(name, list(node.arguments[a], slots));
      }
    }
    jit::Value* result = jit_->insert(c10::Symbol::fromQualString(node.target), {}, arguments);
    if (node.outputs.size() == 1) {
      values_[node.outputs.front().value] = result;
      return;
    }
    const auto parts = jit::createTupleUnpack(result);
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      values_[node.outputs[o].value] = parts[o];
    }
  }

  const model::Graph& graph_;
  std::shared_ptr<jit::Graph> jit_;
  std::vector<jit::Value*> values_;
};

// What torch::jit::optimize_for_inference does to a frozen module's graph.
std::shared_ptr<jit::Graph> optimise(std::shared_ptr<jit::Graph> graph) {
  jit::OptimizeFrozenGraph(graph);
  jit::FuseFrozenConvAddRelu(graph);
  jit::ConvertFrozenOpsToMKLDNN(graph);
  jit::FrozenLinearTranspose(graph);
  return graph;
}

}  // namespace

struct Frozen::Code {
  explicit Code(std::shared_ptr<jit::Graph> graph) : executor(std::move(graph), "frozen") {}
  jit::GraphExecutor executor;
};

Frozen::Frozen(const model::Graph& graph)
    : code_(std::make_unique<Code>(optimise(Writer(graph).take()))) {}

Frozen::~Frozen() = default;

at::Tensor Frozen::run(const at::Tensor& batch) const {
  jit::Stack stack{batch};
  code_->executor.run(stack);
  return stack.front().toTensor();
}

}  // namespace softbeam::bench
