// Puts a Graph together for the two readers: ids, and names that are equal for both file formats.
// Private to host/model.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "host/model/graph.h"

namespace softbeam::model {

// One call of one module. `key` tells calls apart ("layer1.0.relu" and "layer1.0.relu@1"), `path`
// is the module's own name ("layer1.0.relu").
struct ModuleCall {
  std::string key;
  std::string path;
};

// The target of nodes that take a list apart; their names follow the node that made the list.
inline constexpr std::string_view list_unpack = "prim::ListUnpack";

// Node::op of an operator: "aten::relu_" or "aten::relu_.out" -> "relu". A convolution that serves
// every rank (aten::_convolution) is called after the rank of its weight, where that is known:
// "conv2d", "conv_transpose2d".
std::string op_name(std::string_view target, std::optional<std::size_t> weight_rank = std::nullopt,
                    bool transposed = false);

class GraphBuilder {
 public:
  ValueId add_input(std::string name, std::vector<std::int64_t> shape);
  // A parameter, buffer or constant.
  ValueId add_stored(ValueKind kind, std::string name, c10::IValue content);
  // `node` without id and outputs; `stack` from the outermost module to the innermost. Returns one
  // value per result; `tensor_results` says whether they count as values in the naming (a node that
  // makes numbers or lists of numbers does not).
  std::vector<ValueId> add_node(Node node, std::size_t results, std::vector<ModuleCall> stack,
                                bool tensor_results);
  void set_outputs(std::vector<ValueId> outputs, std::vector<std::string> names);

  // Names every result:
  // - the last tensor that a module's call makes (counting what its submodules make) takes the
  //   module's path, if it is made by the module itself and not by a submodule;
  // - every other one takes path and operator ("layer1.0.add"), or the operator alone at the root;
  // - further results of one node: NAME:out1, NAME:out2; items of an unpacked list: the list's name
  //   for the first, then :out1, ...; the list itself is then NAME:list;
  // - a name that is taken gets _1, _2, ... in execution order ("layer1.0.relu_1"); a number that
  //   would make the name of another module or operator is passed over. Numbers come after tensors.
  // Nodes whose results nobody uses and that write nothing are left out, and so are stored tensors
  // that no node uses. Ids are given anew: those handed out before are not valid in the graph.
  // Call it once, last.
  std::shared_ptr<const Graph> finish(std::string format, std::string digest,
                                      std::optional<std::int64_t> static_batch);

 private:
  struct NodeContext {
    std::vector<ModuleCall> stack;
    bool tensor_results = false;
  };

  ValueId add_value(ValueKind kind, std::string name, NodeId producer);
  std::vector<bool> used_values(std::vector<bool>& used_nodes) const;
  void prune();
  // The node whose list `node` takes apart; no_node for every other kind of node.
  NodeId unpacked(const Node& node) const;
  void name_results();
  void name_nodes(const std::vector<std::string>& bases, bool tensors,
                  std::unordered_set<std::string>& taken);

  Graph graph_;
  std::vector<NodeContext> contexts_;  // by NodeId
};

}  // namespace softbeam::model
