#include "host/model/builder.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace softbeam::model {

std::string op_name(std::string_view target, std::optional<std::size_t> weight_rank,
                    bool transposed) {
  if (const auto space = target.find("::"); space != std::string_view::npos) {
    target.remove_prefix(space + 2);
  }
  target = target.substr(0, target.find('.'));
  if (target.ends_with('_') && !target.ends_with("__")) {
    target.remove_suffix(1);
  }
  std::string name(target);
  if ((name == "_convolution" || name == "convolution") && weight_rank && *weight_rank >= 3) {
    name = (transposed ? "conv_transpose" : "conv") + std::to_string(*weight_rank - 2) + "d";
  }
  return name;
}

ValueId GraphBuilder::add_value(ValueKind kind, std::string name, NodeId producer) {
  const ValueId id{static_cast<std::uint32_t>(graph_.values.size())};
  graph_.values.push_back({id, kind, std::move(name), producer});
  return id;
}

ValueId GraphBuilder::add_input(std::string name, std::vector<std::int64_t> shape) {
  const ValueId id = add_value(ValueKind::input, std::move(name), no_node);
  graph_.inputs.push_back({id, std::move(shape)});
  return id;
}

ValueId GraphBuilder::add_stored(ValueKind kind, std::string name, c10::IValue content) {
  const ValueId id = add_value(kind, std::move(name), no_node);
  graph_.stored.push_back({id, std::move(content)});
  return id;
}

std::vector<ValueId> GraphBuilder::add_node(Node node, std::size_t results,
                                            std::vector<ModuleCall> stack, bool tensor_results) {
  node.id = NodeId{static_cast<std::uint32_t>(graph_.nodes.size())};
  node.module = stack.empty() ? "" : stack.back().path;
  for (std::size_t i = 0; i < results; ++i) {
    node.outputs.push_back(add_value(ValueKind::result, "", node.id));
  }
  std::vector<ValueId> outputs = node.outputs;
  graph_.nodes.push_back(std::move(node));
  contexts_.push_back({std::move(stack), tensor_results});
  return outputs;
}

void GraphBuilder::set_outputs(std::vector<ValueId> outputs, std::vector<std::string> names) {
  graph_.outputs = std::move(outputs);
  graph_.output_names = std::move(names);
}

std::vector<bool> GraphBuilder::used_values(std::vector<bool>& used_nodes) const {
  std::vector<bool> used(graph_.values.size());
  for (const Input& input : graph_.inputs) {
    used[input.value.value] = true;
  }
  for (const ValueId output : graph_.outputs) {
    used[output.value] = true;
  }
  for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
    const Node& node = graph_.nodes[i];
    bool keep = !node.writes.empty() || node.outputs.empty();  // a check has no result
    for (const ValueId output : node.outputs) {
      keep = keep || used[output.value];
    }
    used_nodes[i] = keep;
    if (!keep) {
      continue;
    }
    for (const ValueId output : node.outputs) {
      used[output.value] = true;
    }
    for (const Slot& slot : node.slots) {
      used[slot.value.value] = true;
    }
  }
  return used;
}

void GraphBuilder::prune() {
  std::vector<bool> keep_node(graph_.nodes.size());
  const std::vector<bool> keep_value = used_values(keep_node);

  std::vector<NodeId> new_node(graph_.nodes.size(), no_node);
  std::vector<Node> nodes;
  std::vector<NodeContext> contexts;
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (keep_node[i]) {
      new_node[i] = NodeId{static_cast<std::uint32_t>(nodes.size())};
      nodes.push_back(std::move(graph_.nodes[i]));
      nodes.back().id = new_node[i];
      contexts.push_back(std::move(contexts_[i]));
    }
  }
  std::vector<ValueId> new_value(graph_.values.size());
  std::vector<Value> values;
  for (Value& value : graph_.values) {
    if (keep_value[value.id.value]) {
      const ValueId id{static_cast<std::uint32_t>(values.size())};
      new_value[value.id.value] = id;
      value.id = id;
      if (value.producer != no_node) {
        value.producer = new_node[value.producer.value];
      }
      values.push_back(std::move(value));
    }
  }
  std::erase_if(graph_.stored,
                [&](const Stored& stored) { return !keep_value[stored.value.value]; });

  const auto renumber = [&](ValueId& id) { id = new_value[id.value]; };
  for (Node& node : nodes) {
    for (Slot& slot : node.slots) {
      renumber(slot.value);
    }
    for (ValueId& output : node.outputs) {
      renumber(output);
    }
  }
  for (Input& input : graph_.inputs) {
    renumber(input.value);
  }
  for (Stored& stored : graph_.stored) {
    renumber(stored.value);
  }
  for (ValueId& output : graph_.outputs) {
    renumber(output);
  }
  graph_.nodes = std::move(nodes);
  graph_.values = std::move(values);
  contexts_ = std::move(contexts);
}

NodeId GraphBuilder::unpacked(const Node& node) const {
  return node.target == list_unpack && node.slots.size() == 1
             ? graph_.value(node.slots[0].value).producer
             : no_node;
}

void GraphBuilder::name_results() {
  // The last node that makes a tensor during each call. A list that is taken apart is made once.
  std::unordered_map<std::string, NodeId> last;
  for (const Node& node : graph_.nodes) {
    const NodeContext& context = contexts_[node.id.value];
    if (context.tensor_results && unpacked(node) == no_node) {
      for (const ModuleCall& call : context.stack) {
        last[call.key] = node.id;
      }
    }
  }

  std::vector<std::string> bases(graph_.nodes.size());
  for (const Node& node : graph_.nodes) {
    const std::vector<ModuleCall>& stack = contexts_[node.id.value].stack;
    if (node.module.empty()) {
      bases[node.id.value] = node.op;
    } else if (const auto it = last.find(stack.back().key);
               it != last.end() && it->second == node.id) {
      bases[node.id.value] = node.module;
    } else {
      bases[node.id.value] = node.module + "." + node.op;
    }
  }

  std::unordered_set<std::string> taken;
  for (const Value& value : graph_.values) {
    taken.insert(value.name);
  }
  // Numbers come last: the file formats differ in how they compute sizes, which must not shift the
  // names of tensors.
  for (const bool tensors : {true, false}) {
    name_nodes(bases, tensors, taken);
  }
}

void GraphBuilder::name_nodes(const std::vector<std::string>& bases, bool tensors,
                              std::unordered_set<std::string>& taken) {
  std::unordered_set<std::string> plain;
  for (const Node& node : graph_.nodes) {
    if (contexts_[node.id.value].tensor_results == tensors) {
      plain.insert(bases[node.id.value]);
    }
  }
  std::unordered_map<std::string, std::size_t> next;
  const auto unique = [&](const std::string& base) {
    std::string name = base;
    while (taken.contains(name) || (name != base && plain.contains(name))) {
      name = base + "_" + std::to_string(++next[base]);
    }
    taken.insert(name);
    return name;
  };
  for (const Node& node : graph_.nodes) {
    if (contexts_[node.id.value].tensor_results != tensors) {
      continue;
    }
    std::string name;
    if (unpacked(node) != no_node) {
      std::string& list = graph_.values[node.slots[0].value.value].name;
      if (!list.empty() && !list.ends_with(":list") && taken.insert(list + ":list").second) {
        name = list;
        list += ":list";
      }
    }
    if (name.empty()) {
      name = unique(bases[node.id.value]);
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      graph_.values[node.outputs[i].value].name = i == 0 ? name : name + ":out" + std::to_string(i);
    }
  }
}

std::shared_ptr<const Graph> GraphBuilder::finish(std::string format, std::string digest,
                                                  std::optional<std::int64_t> static_batch) {
  prune();
  name_results();
  graph_.format = std::move(format);
  graph_.digest = std::move(digest);
  graph_.static_batch = static_batch;
  return std::make_shared<const Graph>(std::move(graph_));
}

}  // namespace softbeam::model
