// The one form of a model that the rest of softbeam knows: a flat, immutable list of nodes in
// execution order. Both file formats read into it. Used by execute.
#pragma once

#include <ATen/core/ivalue.h>
#include <ATen/core/stack.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "injectors/ids.h"

namespace softbeam::model {

using ValueId = injectors::Id<struct ValueTag, std::uint32_t>;
using NodeId = injectors::Id<struct NodeTag, std::uint32_t>;
inline constexpr NodeId no_node{std::numeric_limits<std::uint32_t>::max()};

enum class ValueKind : std::uint8_t {
  input,      // of the model
  parameter,  // trainable, a site of weight or bias faults
  buffer,     // running statistics and the like
  constant,   // lifted tensors
  result,     // of a node: a tensor, a number or a list
};

struct Value {
  ValueId id;
  ValueKind kind = ValueKind::result;
  // Results: "layer1.0.conv1" (see builder.h); parameters and buffers: their own full name
  // ("conv1.weight"); inputs: the name in the model's signature. Unique within the graph.
  std::string name;
  NodeId producer = no_node;  // of a result
};

// Where a run-time value goes in a node's argument template: into argument `argument`, or into item
// `item` of the list that stands there.
struct Slot {
  std::uint32_t argument = 0;
  std::int32_t item = -1;
  ValueId value;
};

struct Node {
  NodeId id;
  std::string target;    // "aten::conv2d", for messages
  std::string op;        // ATen name without overload and trailing underscore: "conv2d", "relu";
                         // "conv2d" also for what traces call _convolution
  std::string module;    // path of the innermost module: "layer1.0.conv1", "" for the model itself
  std::string location;  // "model.py:41" in the user's code, "" when the file does not say
  // Calls the operator: pops the arguments from the stack, pushes its results. Resolved once.
  std::function<void(torch::jit::Stack&)> kernel;
  // Template: constants in place, None in the slots; in lists, 0, None or an undefined tensor where
  // an item is a slot. Devices are the CPU, whatever the file says: the executor puts its own
  // there.
  std::vector<c10::IValue> arguments;
  std::vector<std::string> argument_names;  // of the schema, same length ("input", "weight", ...)
  std::vector<Slot> slots;                  // in argument order
  std::vector<std::uint32_t> writes;        // arguments whose memory the operator changes in place
  // Results, in the order in which the kernel pushes them. A list result that the graph takes apart
  // is one value here, followed by a node of target "prim::ListUnpack".
  std::vector<ValueId> outputs;
};

// A tensor that belongs to the model. Tied names share one storage, or even one value.
struct Stored {
  ValueId value;
  c10::IValue content;
};

struct Input {
  ValueId value;
  // As exported; -1 where the size is free (the batch of a dynamic export); empty when the file
  // does not say (TorchScript).
  std::vector<std::int64_t> shape;
};

struct Graph {
  std::string format;         // "torch.export" or "TorchScript"
  std::string digest;         // of the file's bytes
  std::vector<Value> values;  // by ValueId
  std::vector<Node> nodes;    // by NodeId, in execution order
  std::vector<Input> inputs;
  std::vector<Stored> stored;
  std::vector<ValueId> outputs;           // tensors, flattened in the order of the model's result
  std::vector<std::string> output_names;  // "0", or the keys of a dict result; same length
  std::optional<std::int64_t> static_batch;  // exported for this batch size alone

  const Value& value(ValueId id) const { return values[id.value]; }
  const Node& node(NodeId id) const { return nodes[id.value]; }
};

// "conv2d at layer1.0.conv1 (model.py:41)", for messages.
std::string describe(const Node& node);

}  // namespace softbeam::model
