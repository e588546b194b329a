#include "host/execute/profile.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "host/base/error.h"
#include "host/execute/data_dependent.h"
#include "host/execute/dtype.h"
#include "host/execute/prove.h"

namespace softbeam::execute {
namespace {

std::uint64_t count(const std::vector<std::int64_t>& shape) {
  return std::accumulate(
      shape.begin(), shape.end(), std::uint64_t{1},
      [](std::uint64_t n, std::int64_t size) { return n * static_cast<std::uint64_t>(size); });
}

std::string parent_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

// Collects the sites in execution order: the model's input, then each node's inputs, parameters and
// results.
class SiteList {
 public:
  SiteList(const model::Graph& graph, const Proof& proof, Profile& profile)
      : graph_(graph),
        proof_(proof),
        profile_(profile),
        from_sizes_(find_made_from_sizes(graph, proof.depends_on_input)),
        open_sizes_(graph.values.size(), false) {
    for (const model::Node& node : graph.nodes) {
      const bool open = std::any_of(node.slots.begin(), node.slots.end(), [&](const auto& slot) {
        return open_sizes_[slot.value.value];
      });
      for (const model::ValueId output : node.outputs) {
        open_sizes_[output.value] =
            open || makes_sizes_from_content(node, [&](std::size_t s) {
              const model::ValueId read = node.slots[s].value;
              return SlotView{proof.depends_on_input[read.value] && !from_sizes_[read.value],
                              proof.first.input_type(node.id, s)};
            });
      }
    }
  }

  void add_model_input(const model::Input& input) {
    const model::Value& value = graph_.value(input.value);
    add_value(value, SiteKind::model_input, value.name, "input", "", {value.id}, 0);
  }

  void add_node(const model::Node& node, std::uint64_t macs) {
    const std::vector<model::ValueId> results = tensor_results(node);
    std::size_t position = 0;
    for (std::size_t s = 0; s < node.slots.size(); ++s) {
      const model::Value& value = graph_.value(node.slots[s].value);
      if (value.kind == model::ValueKind::parameter) {
        add_parameter(value, node, node.slots[s].argument, macs);
      } else if (proof_.layouts[value.id.value] && !results.empty()) {
        const std::string name =
            fmt::format("{}:in{}", graph_.value(results.front()).name, position++);
        if (const std::string reason = no_fixed_words(value.id); !reason.empty()) {
          profile_.no_sites.push_back(fmt::format("{}: {}", name, reason));
          continue;
        }
        if (passes_on_a_view(value.id, node, results)) {
          profile_.no_sites.push_back(
              fmt::format("{}: the operator gives a view of it, through which the model writes "
                          "later",
                          name));
          continue;
        }
        add_value(value, SiteKind::input, name, node.op, node.module, {value.id, node.id, s}, macs);
      }
    }
    for (const model::ValueId output : node.outputs) {
      const model::Value& value = graph_.value(output);
      if (!proof_.first.value(output).seen) {
        continue;  // a number or a list
      }
      const std::string reason = why_not(value, node);
      if (!reason.empty()) {
        profile_.no_sites.push_back(fmt::format("{}: {}", value.name, reason));
        continue;
      }
      add_value(value, SiteKind::output, value.name, node.op, node.module, {value.id}, macs);
    }
  }

 private:
  // Values of which no word is there for every sample, or which hold sizes and no data.
  std::string no_fixed_words(model::ValueId id) const {
    const ValueTrace& trace = proof_.first.value(id);
    if (open_sizes_[id.value]) {
      return "its sizes, or those of a value in front of it, depend on the data";
    }
    if (from_sizes_[id.value] && (trace.sizes.empty() || !at::isFloatingType(trace.type))) {
      return "is made from sizes alone";
    }
    return "";
  }

  std::string why_not(const model::Value& value, const model::Node& node) const {
    const ValueTrace& trace = proof_.first.value(value.id);
    if (!proof_.layouts[value.id.value]) {
      return proof_.random[value.id.value] ? "has random results, and no place for each sample"
                                           : "is the same for every sample";
    }
    if (const std::string reason = no_fixed_words(value.id); !reason.empty()) {
      return reason;
    }
    if (!from_scalar_type(trace.type)) {
      return fmt::format("its type {} has no words to strike", c10::toString(trace.type));
    }
    if (trace.overlaps_itself) {
      return "several of its elements share one word (an expanded tensor)";
    }
    if (node.writes.empty() && is_written_through(value.id, node.id)) {
      return "is a view through which the model writes later";
    }
    return "";
  }

  // The tensors that a node makes, also those of a list that the next node takes apart.
  std::vector<model::ValueId> tensor_results(const model::Node& node) const {
    std::vector<model::ValueId> results;
    for (const model::ValueId output : node.outputs) {
      if (proof_.first.value(output).seen) {
        results.push_back(output);
        continue;
      }
      for (const model::Node& reader : graph_.nodes) {
        if (reader.target == "prim::ListUnpack" && reader.slots.size() == 1 &&
            reader.slots.front().value == output) {
          for (const model::ValueId item : reader.outputs) {
            if (proof_.first.value(item).seen) {
              results.push_back(item);
            }
          }
        }
      }
    }
    return results;
  }

  const c10::StorageImpl* memory_of(model::ValueId id) const {
    return proof_.first.value(id).memory._unsafe_get_target();
  }

  bool is_written_after(const c10::StorageImpl* memory, model::NodeId node) const {
    for (const WriteTrace& write : proof_.first.writes()) {
      if (write.node > node && write.memory == memory) {
        return true;
      }
    }
    return false;
  }

  // A struck input is the node's own copy; views of the copy would keep later writes from the base.
  bool passes_on_a_view(model::ValueId input, const model::Node& node,
                        const std::vector<model::ValueId>& results) const {
    if (!node.writes.empty() || !is_written_after(memory_of(input), node.id)) {
      return false;
    }
    for (const model::ValueId result : results) {
      if (memory_of(result) == memory_of(input)) {
        return true;
      }
    }
    return false;
  }

  // A struck view gets memory of its own; that is wrong if its base is to see a later write.
  bool is_written_through(model::ValueId id, model::NodeId born) const {
    const auto* memory = memory_of(id);
    bool is_view = false;
    for (const model::Value& other : graph_.values) {
      is_view = is_view || (other.id < id && proof_.first.value(other.id).seen &&
                            memory_of(other.id) == memory);
    }
    return is_view && is_written_after(memory, born);
  }

  void add_value(const model::Value& value, SiteKind kind, std::string name, std::string op,
                 std::string module, SitePlace place, std::uint64_t macs) {
    const ValueTrace& trace = proof_.first.value(value.id);
    const auto& layout = proof_.layouts[value.id.value];
    const auto dtype = from_scalar_type(trace.type);
    if (!layout || !dtype || trace.overlaps_itself) {
      return;
    }
    place.layout = *layout;
    Site site{.name = std::move(name),
              .op = std::move(op),
              .module = std::move(module),
              .kind = kind,
              .dtype = *dtype,
              .shape = sample_shape(*layout, trace.sizes),
              .macs = macs};
    add(std::move(site), place);
  }

  void add_parameter(const model::Value& value, const model::Node& node, std::uint32_t argument,
                     std::uint64_t macs) {
    if (!parameters_.insert(value.id.value).second) {
      return;  // shared by several nodes: one site
    }
    const at::Tensor* tensor = nullptr;
    for (const model::Stored& stored : graph_.stored) {
      if (stored.value == value.id && stored.content.isTensor()) {
        tensor = &stored.content.toTensor();
      }
    }
    const auto dtype = tensor != nullptr ? from_scalar_type(tensor->scalar_type()) : std::nullopt;
    if (!dtype) {
      return;
    }
    const bool bias = argument < node.argument_names.size() &&
                      node.argument_names[argument].find("bias") != std::string::npos;
    Site site{.name = value.name,
              .op = node.op,
              .module = parent_of(value.name),
              .kind = bias ? SiteKind::bias : SiteKind::weight,
              .dtype = *dtype,
              .shape = tensor->sizes().vec(),
              .macs = macs};
    add(std::move(site), {.value = value.id});
  }

  void add(Site site, SitePlace place) {
    site.elements = count(site.shape);
    if (site.elements == 0) {
      return;
    }
    site.id = {static_cast<std::uint32_t>(profile_.sites.size())};
    profile_.sites.push_back(std::move(site));
    profile_.places.push_back(place);
  }

  const model::Graph& graph_;
  const Proof& proof_;
  Profile& profile_;
  std::vector<bool> from_sizes_;  // by ValueId: made from sizes alone
  std::vector<bool> open_sizes_;  // by ValueId: sizes depend on the data, or may do so
  std::unordered_set<std::uint32_t> parameters_;
};

}  // namespace

Profile make_profile(Executor& executor, const at::Tensor& samples, Randomness randomness) {
  const model::Graph& graph = executor.graph();
  // Batch statistics do not notice when rows change places, so mixing is looked for on its own.
  if (samples.size(0) > 1) {
    refuse_mixing(executor, samples, randomness);
  } else if (!graph.static_batch) {
    try {
      refuse_mixing(executor, at::cat({samples, samples.mul(0.5), samples.mul(2), samples.neg()}),
                    randomness);
    } catch (const OperatorError&) {
      // The model runs on one sample only: there is nothing to mix.
    }
  }
  const Proof proof = prove_layouts(executor, samples, randomness);

  Profile profile;
  profile.batch = samples.size(0);
  profile.deterministic = proof.deterministic;
  profile.layouts = proof.layouts;
  SiteList sites(graph, proof, profile);
  for (const model::Input& input : graph.inputs) {
    sites.add_model_input(input);
  }
  for (const model::Node& node : graph.nodes) {
    std::vector<std::vector<std::int64_t>> inputs;
    for (std::size_t s = 0; s < node.slots.size(); ++s) {
      inputs.push_back(proof.first.input_sizes(node.id, s));
    }
    const ValueTrace& output =
        proof.first.value(node.outputs.empty() ? graph.inputs[0].value : node.outputs.front());
    const std::uint64_t macs =
        multiply_adds(node, output.sizes, inputs) / static_cast<std::uint64_t>(profile.batch);
    profile.macs += macs;
    sites.add_node(node, macs);
  }
  for (const model::ValueId output : graph.outputs) {
    const auto& layout = proof.layouts[output.value];
    if (!layout) {
      throw RunError(
          fmt::format("the output '{}' is the same for every input; softbeam compares "
                      "outputs that depend on the samples",
                      graph.value(output).name));
    }
    profile.output_layouts.push_back(*layout);
    profile.output_shapes.push_back(sample_shape(*layout, proof.first.value(output).sizes));
  }
  return profile;
}

}  // namespace softbeam::execute
