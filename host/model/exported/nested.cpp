#include <fmt/core.h>

#include "host/model/exported/nodes.h"
#include "host/model/exported/operators.h"

namespace softbeam::model::exported {
namespace {

// Deeper nesting of sub-graphs than any real file has: a damaged one must not exhaust the stack.
constexpr int max_depth = 32;

// Makes names of one graph stand for values of another; constants have no name.
void bind_names(const std::vector<std::string>& names, Scope& to,
                const std::vector<std::string>& others, const Scope& from) {
  if (names.size() != others.size()) {
    throw ShapeError("a sub-graph and its caller differ in a list's length");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) {
      to.bind(names[i], from.find(others[i]));
    }
  }
}

}  // namespace

void NodeReader::read_nested(const Json& node, const Place& place, Scope& scope, int depth) {
  if (depth >= max_depth) {
    throw ShapeError("graphs are nested too deeply");
  }
  // Gradients are never computed here, so a block that switches them on or off is its sub-graph.
  if (place.target != "torch.ops.higher_order.wrap_with_set_grad_enabled") {
    refuse(place, fmt::format("is not supported{}", way_out(place.target)));
  }
  const Json& inputs = array(node, "inputs");
  if (inputs.size() < 2) {
    throw ShapeError("a sub-graph is missing");
  }
  const Tagged nested = tagged(member(inputs[1], "arg"));
  if (nested.tag != "as_graph") {
    throw ShapeError(fmt::format("a sub-graph was expected, not '{}'", nested.tag));
  }
  const Json& graph = member(nested.value, "graph");
  const Json& formals = array(graph, "inputs");
  if (formals.size() != inputs.size() - 2) {
    throw ShapeError("a sub-graph has another number of inputs than its caller gives");
  }
  Scope inner;
  for (std::size_t i = 0; i < formals.size(); ++i) {
    bind_names(value_names(formals[i]), inner, value_names(member(inputs[i + 2], "arg")), scope);
  }
  read(graph, inner, depth + 1);

  const Json& results = array(graph, "outputs");
  const Json& outputs = array(node, "outputs");
  if (results.size() != outputs.size()) {
    throw ShapeError("a sub-graph has another number of outputs than its caller takes");
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    bind_names(value_names(outputs[i]), scope, value_names(results[i]), inner);
  }
}

}  // namespace softbeam::model::exported
