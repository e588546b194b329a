#include "host/model/exported/signature.h"

#include <fmt/core.h>

#include <unordered_map>
#include <utility>

#include "host/base/error.h"

namespace softbeam::model::exported {
namespace {

std::vector<std::int64_t> input_shape(const Json& graph, const std::string& name) {
  std::vector<std::int64_t> shape;
  for (const Json& size : array(member(member(graph, "tensor_values"), name.c_str()), "sizes")) {
    const Tagged extent = tagged(size);
    shape.push_back(extent.tag == "as_int" ? integer(extent.value) : -1);
  }
  return shape;
}

const std::string& argument_name(const Json& spec) {
  return text(member(member(spec, "arg"), "name"));
}

[[noreturn]] void refuse_input(const std::string& path, std::string_view what) {
  throw RunError(fmt::format(
      "{}: the model takes {} as input (only tensors can be given); export it with that input "
      "fixed",
      path, what));
}

// Numbers and None are part of the exported graph already.
bool is_constant(std::string_view tag) {
  return tag == "as_none" || tag == "as_int" || tag == "as_float" || tag == "as_bool" ||
         tag == "as_string";
}

struct StoredKind {
  std::string_view tag;
  ValueKind kind;
  const char* name;
};
constexpr StoredKind stored_kinds[] = {
    {"parameter", ValueKind::parameter, "parameter_name"},
    {"buffer", ValueKind::buffer, "buffer_name"},
    {"tensor_constant", ValueKind::constant, "tensor_constant_name"},
};

const StoredKind* stored_kind(std::string_view tag) {
  for (const StoredKind& stored : stored_kinds) {
    if (stored.tag == tag) {
      return &stored;
    }
  }
  return nullptr;
}

// The stored values so far. Names that mean the very same tensor (tied weights) get one value: it
// is one piece of memory, and the file's nodes use any of the names.
class StoredValues {
 public:
  StoredValues(Weights& weights, GraphBuilder& builder) : weights_(weights), builder_(builder) {}

  ValueId add(ValueKind kind, const std::string& name) {
    const at::Tensor tensor = weights_.tensor(name);
    std::vector<Known>& known = by_storage_[tensor.storage().unsafeGetStorageImpl()];
    for (const Known& one : known) {
      if (one.kind == kind && same_elements(one.tensor, tensor)) {
        return one.value;
      }
    }
    known.push_back({kind, tensor, builder_.add_stored(kind, name, tensor)});
    return known.back().value;
  }

 private:
  struct Known {
    ValueKind kind;
    at::Tensor tensor;
    ValueId value;
  };

  static bool same_elements(const at::Tensor& a, const at::Tensor& b) {
    return a.scalar_type() == b.scalar_type() && a.storage_offset() == b.storage_offset() &&
           a.sizes() == b.sizes() && a.strides() == b.strides();
  }

  Weights& weights_;
  GraphBuilder& builder_;
  std::unordered_map<const void*, std::vector<Known>> by_storage_;
};

}  // namespace

std::optional<std::int64_t> read_inputs(const Json& graph_module, Weights& weights,
                                        const std::string& path, GraphBuilder& builder,
                                        Scope& scope) {
  const Json& graph = member(graph_module, "graph");
  StoredValues stored_values(weights, builder);
  bool free_batch = false;
  std::optional<std::int64_t> static_batch;
  for (const Json& item : array(member(graph_module, "signature"), "input_specs")) {
    const auto& [tag, spec] = tagged(item);
    if (const StoredKind* stored = stored_kind(tag)) {
      const std::string& name = text(member(spec, stored->name));
      scope.bind(argument_name(spec), stored_values.add(stored->kind, name));
    } else if (tag == "user_input") {
      const Tagged argument = tagged(member(spec, "arg"));
      if (argument.tag == "as_tensor") {
        const std::string& name = text(member(argument.value, "name"));
        const std::vector<std::int64_t> shape = input_shape(graph, name);
        free_batch = free_batch || (!shape.empty() && shape[0] == -1);
        if (!static_batch && !shape.empty()) {
          static_batch = shape[0];
        }
        scope.bind(name, builder.add_input(name, shape));
      } else if (!is_constant(argument.tag)) {
        refuse_input(path, fmt::format("a value of kind '{}'", argument.tag));
      }
    } else if (tag != "constant_input") {
      refuse_input(path, fmt::format("a '{}'", tag));
    }
  }
  return free_batch ? std::nullopt : static_batch;
}

void read_outputs(const Json& graph_module, const std::string& path, GraphBuilder& builder,
                  const Scope& scope) {
  const Json& signature = member(graph_module, "signature");
  std::vector<const Json*> results;
  for (const Json& item : array(signature, "output_specs")) {
    const auto& [tag, spec] = tagged(item);
    if (tag == "user_output" || tag == "loss_output") {
      results.push_back(&member(spec, "arg"));
    } else if (tag.starts_with("gradient_")) {
      throw RunError(fmt::format(
          "{}: the program computes gradients (it is a training graph); export the model itself",
          path));
    }
  }
  std::vector<std::string> leaves;
  const Json& calls = array(graph_module, "module_call_graph");
  if (!calls.empty()) {
    if (const Json* call = optional_member(calls[0], "signature")) {
      leaves = leaf_names(text_or_empty(*call, "out_spec"));
    }
  }
  std::vector<ValueId> outputs;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < results.size(); ++i) {
    // The argument of a loss is not tagged.
    const Json* name = optional_member(*results[i], "name");
    const Tagged argument =
        name != nullptr ? Tagged{"as_tensor", *results[i]} : tagged(*results[i]);
    if (argument.tag == "as_tensor") {
      outputs.push_back(scope.find(text(member(argument.value, "name"))));
      names.push_back(leaves.size() == results.size() ? leaves[i] : std::to_string(i));
    }
  }
  if (outputs.empty()) {
    throw RunError(
        fmt::format("{}: the model returns no tensor; export one that returns its answer", path));
  }
  builder.set_outputs(std::move(outputs), std::move(names));
}

}  // namespace softbeam::model::exported
