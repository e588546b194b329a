// Turns the nodes of a .pt2 graph into nodes of ours. Private to host/model/exported.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <string>
#include <utility>
#include <vector>

#include "host/model/builder.h"
#include "host/model/exported/arguments.h"
#include "host/model/exported/json.h"
#include "host/model/exported/symbolic.h"

namespace softbeam::model::exported {

class NodeReader {
 public:
  // `path` names the file in messages.
  NodeReader(std::string path, GraphBuilder& builder) : path_(std::move(path)), builder_(builder) {}

  // Adds the nodes of `graph`; binds their results in `scope`, which knows the graph's inputs.
  // Throws RunError for an operator that cannot be run, with its place in the user's code, and
  // ShapeError for a graph that is not as expected.
  void read(const Json& graph, Scope& scope) { read(graph, scope, 0); }

 private:
  // Where a node stands in the model and in the file.
  struct Place {
    std::string target;
    std::vector<ModuleCall> calls;
    std::string location;
  };

  void read(const Json& graph, Scope& scope, int depth);
  void read_node(const Json& graph, const Json& node, Scope& scope, int depth);
  void read_operator(const Json& graph, const Json& node, const c10::OperatorHandle& handle,
                     const Place& place, Scope& scope);
  void read_symbolic(const Json& node, const SymbolicOperator& symbolic, const Place& place,
                     Scope& scope);
  // A higher-order operator: a sub-graph that runs under another setting (nested.cpp).
  void read_nested(const Json& node, const Place& place, Scope& scope, int depth);
  void bind_outputs(const Json& node, const Place& place, const std::vector<ValueId>& results,
                    Scope& scope);
  // The file names the items of a list result; a node of its own takes the list apart.
  void unpack(const std::vector<std::string>& names, const Place& place, ValueId list,
              Scope& scope);
  // The tensor that stands for a number where an operator wants a tensor.
  ValueId wrapped(ValueId number, const Place& place);

  [[noreturn]] void refuse(const Place& place, const std::string& why) const;

  std::string path_;
  GraphBuilder& builder_;
};

}  // namespace softbeam::model::exported
