#include "tests/support/random/graph_writer.h"

#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <utility>

#include "host/model/exported/coerce.h"

namespace softbeam::support {
namespace {

c10::OperatorHandle handle_of(const std::string& op) {
  const std::size_t dot = op.find('.');
  const std::string overload = dot == std::string::npos ? "" : op.substr(dot + 1);
  return c10::Dispatcher::singleton().findSchemaOrThrow(op.substr(0, dot).c_str(),
                                                        overload.c_str());
}

// Puts one argument into the node's template and into the stack of the run that is made now.
void place(const Argument& argument, const c10::Argument& formal, model::Node& node,
           torch::jit::Stack& stack) {
  const auto index = static_cast<std::uint32_t>(stack.size());
  if (const auto* constant = std::get_if<c10::IValue>(&argument)) {
    node.arguments.push_back(model::exported::coerce(*constant, *formal.type(), formal.N()));
    stack.push_back(node.arguments.back());
  } else if (const auto* var = std::get_if<Var>(&argument)) {
    node.arguments.emplace_back();
    node.slots.push_back({index, -1, var->id});
    stack.push_back(var->live);
  } else if (const auto* vars = std::get_if<std::vector<Var>>(&argument)) {
    c10::List<at::Tensor> empty;
    c10::List<at::Tensor> full;
    for (const Var& item : *vars) {
      node.slots.push_back({index, static_cast<std::int32_t>(empty.size()), item.id});
      empty.push_back(at::Tensor());
      full.push_back(item.tensor());
    }
    node.arguments.emplace_back(std::move(empty));
    stack.emplace_back(std::move(full));
  } else {
    c10::List<std::int64_t> empty;
    c10::List<std::int64_t> full;
    for (const Size& item : std::get<std::vector<Size>>(argument)) {
      if (const auto* computed = std::get_if<Var>(&item)) {
        node.slots.push_back({index, static_cast<std::int32_t>(empty.size()), computed->id});
        empty.push_back(0);
        full.push_back(computed->live.toInt());
      } else {
        empty.push_back(std::get<std::int64_t>(item));
        full.push_back(std::get<std::int64_t>(item));
      }
    }
    node.arguments.emplace_back(std::move(empty));
    stack.emplace_back(std::move(full));
  }
  node.argument_names.push_back(formal.name());
  if (formal.alias_info() != nullptr && formal.alias_info()->isWrite()) {
    node.writes.push_back(index);
  }
}

bool makes_tensors(const c10::FunctionSchema& schema) {
  const c10::TypeKind kind = schema.returns().front().type()->kind();
  return kind == c10::TypeKind::TensorType || kind == c10::TypeKind::ListType;
}

}  // namespace

GraphWriter::GraphWriter(const at::Tensor& samples) {
  std::vector<std::int64_t> shape = samples.sizes().vec();
  shape[0] = -1;
  input_ = {builder_.add_input("x", shape), samples.clone()};
  tensors_.push_back(input_);
}

Var GraphWriter::stored(model::ValueKind kind, const char* prefix, at::Tensor content) {
  const std::string name = prefix + std::to_string(stored_count_++);
  return {builder_.add_stored(kind, name, content), content};
}

Var GraphWriter::parameter(at::Tensor content) {
  return stored(model::ValueKind::parameter, "p", std::move(content));
}

Var GraphWriter::buffer(at::Tensor content) {
  return stored(model::ValueKind::buffer, "b", std::move(content));
}

void GraphWriter::note_write(const Var& written) {
  const auto first_name = [&](model::ValueId id) {
    const auto found = first_name_.find(id.value);
    return found == first_name_.end() ? id.value : found->second;
  };
  for (const Var& other : tensors_) {
    if (first_name(other.id) != first_name(written.id) &&
        other.tensor().storage().is_alias_of(written.tensor().storage())) {
      writes_through_views_ = true;
    }
  }
}

std::vector<Var> GraphWriter::call_all(const std::string& op, std::vector<Argument> arguments) {
  const c10::OperatorHandle handle = handle_of(op);
  const c10::FunctionSchema& schema = handle.schema();
  model::Node node;
  node.target = schema.name();
  node.op = model::op_name(schema.name());
  node.kernel = [handle](torch::jit::Stack& stack) { handle.callBoxed(&stack); };
  torch::jit::Stack stack;
  for (std::size_t i = 0; i < schema.arguments().size(); ++i) {
    const c10::Argument& formal = schema.arguments()[i];
    if (i < arguments.size()) {
      place(arguments[i], formal, node, stack);
    } else if (formal.default_value()) {
      place(*formal.default_value(), formal, node, stack);
    } else {
      throw std::logic_error(op + ": argument '" + formal.name() + "' is missing");
    }
  }
  try {
    handle.callBoxed(&stack);
  } catch (const std::exception& error) {  // c10::Error, or what oneDNN throws
    throw Unfit(op + ": " + error.what());
  }
  ++nodes_;
  const bool in_place = !node.writes.empty();
  if (in_place) {
    note_write(std::get<Var>(arguments[node.writes.front()]));
  }
  const std::vector<model::ValueId> ids =
      builder_.add_node(std::move(node), schema.returns().size(), {}, makes_tensors(schema));
  std::vector<Var> results;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    results.push_back({ids[i], stack[i]});
    if (stack[i].isTensor()) {
      tensors_.push_back(results.back());
    }
  }
  if (in_place) {
    const std::uint32_t written = std::get<Var>(arguments.front()).id.value;
    const auto found = first_name_.find(written);
    first_name_[ids.front().value] = found == first_name_.end() ? written : found->second;
  }
  return results;
}

Var GraphWriter::call(const std::string& op, std::vector<Argument> arguments) {
  return call_all(op, std::move(arguments)).front();
}

std::vector<Var> GraphWriter::unpack(const Var& list) {
  const std::vector<at::Tensor> items = list.live.toTensorVector();
  model::Node node;
  node.target = model::list_unpack;
  node.op = model::op_name(model::list_unpack);
  node.kernel = [](torch::jit::Stack& stack) {
    const c10::List<c10::IValue> parts = stack.back().toList();
    stack.pop_back();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      stack.push_back(parts.get(i));
    }
  };
  node.arguments.emplace_back();
  node.argument_names.emplace_back("list");
  node.slots.push_back({0, -1, list.id});
  const auto ids = builder_.add_node(std::move(node), items.size(), {}, true);
  ++nodes_;
  std::vector<Var> results;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    results.push_back({ids[i], items[i]});
    tensors_.push_back(results.back());
  }
  return results;
}

std::shared_ptr<const model::Graph> GraphWriter::finish(const std::vector<Var>& outputs,
                                                        std::optional<std::int64_t> static_batch) {
  std::vector<model::ValueId> ids;
  std::vector<std::string> names;
  for (const Var& output : outputs) {
    names.push_back(std::to_string(ids.size()));
    ids.push_back(output.id);
  }
  builder_.set_outputs(std::move(ids), std::move(names));
  return builder_.finish("torch.export", "drawn", static_batch);
}

}  // namespace softbeam::support
