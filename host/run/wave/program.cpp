#include "host/run/wave/program.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/model/builder.h"
#include "host/run/wave/parse.h"

namespace softbeam::run {
namespace {

class Compiler {
 public:
  Compiler(Program& program, const Targets& targets) : program_(program), targets_(targets) {
    const model::Graph& graph = *program_.graph;
    program_.plain_parameters.resize(graph.values.size(), false);
    region_of_.resize(graph.nodes.size(), none);
    for (std::uint32_t r = 0; r < program_.regions.size(); ++r) {
      for (const model::NodeId node : program_.regions[r].nodes) {
        region_of_[node.value] = r;
      }
    }
  }

  void run() {
    program_.refusal = program_.captured.refusal;
    decide_kept();
    for (const model::Node& node : program_.graph->nodes) {
      const std::uint32_t region = region_of_[node.id.value];
      if (region == none) {
        add_node(node);
      } else if (program_.regions[region].nodes.front() == node.id) {
        add_region(region);
      }
    }
    find_dead();
    find_plain_parameters();
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;

  void decide_kept() {
    for (WaveValue& value : program_.values) {
      value.kept = value.per_sample;
    }
    for (const Region& region : program_.regions) {
      for (std::size_t o = region.externals; o < region.operands.size(); ++o) {
        program_.values[region.operands[o].value].kept = false;
      }
      for (const std::uint32_t exported : region.exported) {
        program_.values[region.operands[exported].value].kept = true;
      }
    }
  }

  void add_region(std::uint32_t index) {
    const Region& region = program_.regions[index];
    Step step{.kind = StepKind::region, .nodes = region.nodes, .detail = index};
    step.inputs.assign(region.operands.begin(),
                       region.operands.begin() + static_cast<std::ptrdiff_t>(region.externals));
    for (const std::uint32_t exported : region.exported) {
      step.outputs.push_back(region.operands[exported]);
    }
    program_.steps.push_back(std::move(step));
  }

  void add_node(const model::Node& node) {
    if (in_step_[node.id.value]) {
      return;
    }
    Step step{.nodes = {node.id}};
    for (const model::ValueId output : node.outputs) {
      if (program_.value(output).per_sample) {
        step.outputs.push_back(output);
      } else if (const model::Node* unpack = unpacks(output)) {
        step.nodes.push_back(unpack->id);
        in_step_[unpack->id.value] = true;
        step.outputs.insert(step.outputs.end(), unpack->outputs.begin(), unpack->outputs.end());
      }
    }
    if (step.outputs.empty()) {
      return;  // equal for all samples, or a number: captured
    }
    const SeenNode& seen = program_.captured.nodes[node.id.value];
    for (std::uint32_t s = 0; s < seen.reads.size(); ++s) {
      const model::ValueId read = seen.reads[s];
      if (program_.value(read).per_sample) {
        step.inputs.push_back(read);
        step.slots.push_back(s);
      } else if (program_.captured.depends[read.value] &&
                 program_.captured.values[read.value].seen && program_.refusal.empty()) {
        // A fault in front of it may change it all the same, but nobody knows in which rows.
        program_.refusal = fmt::format("{} reads '{}', which is the same for every sample",
                                       model::describe(node), program_.graph->value(read).name);
      } else if (program_.captured.depends[read.value] && program_.refusal.empty() &&
                 program_.captured.values[read.value].list) {
        program_.refusal =
            fmt::format("{} takes a list of tensors as a whole", model::describe(node));
      }
    }
    find_parameters(node, step);
    classify(node, step);
    program_.steps.push_back(std::move(step));
  }

  // The node that takes this list apart; null where the value is no list.
  const model::Node* unpacks(model::ValueId list) const {
    if (program_.captured.values[list.value].seen) {
      return nullptr;
    }
    for (const model::Node& node : program_.graph->nodes) {
      if (node.target == model::list_unpack && node.slots.size() == 1 &&
          node.slots.front().value == list && !node.outputs.empty() &&
          program_.value(node.outputs.front()).per_sample) {
        return &node;
      }
    }
    return nullptr;
  }

  void find_parameters(const model::Node& node, Step& step) const {
    for (const model::Slot& slot : node.slots) {
      if (targets_.parameters[slot.value.value] &&
          !std::count(step.parameters.begin(), step.parameters.end(), slot.value)) {
        step.parameters.push_back(slot.value);
      }
    }
  }

  void classify(const model::Node& node, Step& step) {
    const NodeView view{*program_.graph, program_.captured, program_.values, node};
    step.macs = macs_of(node);
    if (step.nodes.size() > 1 || step.outputs.size() != 1) {
      return;
    }
    if (const auto convolution = parse_convolution(view)) {
      step.kind = StepKind::convolution;
      step.detail = static_cast<std::uint32_t>(program_.convolutions.size());
      program_.convolutions.push_back(*convolution);
    } else if (const auto linear = parse_linear(view)) {
      step.kind = StepKind::linear;
      step.detail = static_cast<std::uint32_t>(program_.linears.size());
      program_.linears.push_back(*linear);
    } else if (const auto pooling = parse_pooling(view)) {
      step.kind = StepKind::pooling;
      step.detail = static_cast<std::uint32_t>(program_.poolings.size());
      program_.poolings.push_back(*pooling);
    } else if (const auto shift = parse_shift(view)) {
      step.kind = StepKind::shift;
      step.detail = static_cast<std::uint32_t>(program_.shifts.size());
      program_.shifts.push_back(*shift);
    } else if (is_reshape(view)) {
      step.kind = StepKind::reshape;
    }
  }

  std::uint64_t macs_of(const model::Node& node) const {
    const SeenNode& seen = program_.captured.nodes[node.id.value];
    std::vector<std::vector<std::int64_t>> inputs;
    for (std::size_t s = 0; s < node.slots.size(); ++s) {
      const model::Slot& slot = node.slots[s];
      const SeenValue& read = program_.captured.values[seen.reads[s].value];
      const c10::IValue& argument = seen.arguments[slot.argument];
      if (!read.seen && slot.item < 0 && argument.isTensor() && argument.toTensor().defined()) {
        inputs.push_back(argument.toTensor().sizes().vec());
      } else {
        inputs.push_back(read.sizes);
      }
    }
    const auto& output = program_.captured.values[node.outputs.front().value].sizes;
    return execute::multiply_adds(node, output, inputs) /
           static_cast<std::uint64_t>(program_.profile->batch);
  }

  void find_dead() {
    std::vector<std::size_t> last(program_.values.size(), SIZE_MAX);
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      for (const model::ValueId output : program_.steps[s].outputs) last[output.value] = s;
      for (const model::ValueId input : program_.steps[s].inputs) last[input.value] = s;
    }
    for (const model::ValueId output : program_.outputs) last[output.value] = SIZE_MAX;
    for (std::size_t v = 0; v < last.size(); ++v) {
      if (last[v] != SIZE_MAX) {
        program_.steps[last[v]].dead.push_back({static_cast<std::uint32_t>(v)});
      }
    }
  }

  void find_plain_parameters() {
    const model::Graph& graph = *program_.graph;
    for (const model::Node& node : graph.nodes) {
      const bool runs =
          std::any_of(program_.steps.begin(), program_.steps.end(), [&](const Step& step) {
            return std::count(step.nodes.begin(), step.nodes.end(), node.id) > 0;
          });
      for (const model::Slot& slot : node.slots) {
        if (!runs) program_.plain_parameters[slot.value.value] = true;
      }
    }
    for (const model::Stored& a : graph.stored) {
      for (const model::Stored& b : graph.stored) {
        if (a.value != b.value && a.content.isTensor() && b.content.isTensor() &&
            a.content.toTensor().storage().is_alias_of(b.content.toTensor().storage())) {
          program_.plain_parameters[a.value.value] = true;
        }
      }
    }
  }

  Program& program_;
  const Targets& targets_;
  std::vector<std::uint32_t> region_of_;  // by NodeId
  std::vector<bool> in_step_ = std::vector<bool>(program_.graph->nodes.size(), false);
};

}  // namespace

Program compile(const model::Graph& graph, const execute::Profile& profile, Capture captured,
                std::vector<WaveValue> values, std::vector<Region> regions,
                const Targets& targets) {
  Program program;
  program.graph = &graph;
  program.profile = &profile;
  program.outputs = captured.outputs;
  program.captured = std::move(captured);
  program.values = std::move(values);
  program.regions = std::move(regions);
  Compiler(program, targets).run();
  return program;
}

}  // namespace softbeam::run
