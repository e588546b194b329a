#include "host/execute/prove.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "host/base/error.h"

namespace softbeam::execute {
namespace {

RowHashes observe_run(Executor& executor, const at::Tensor& samples, bool all_layouts) {
  RowHashes hashes(executor.graph(), samples.size(0), all_layouts);
  // A clone: an in-place operator may work on the input's own memory.
  executor.run(samples.clone(), hashes);
  return hashes;
}

std::vector<bool> find_dependent_values(const model::Graph& graph) {
  std::vector<bool> depends(graph.values.size(), false);
  for (const model::Input& input : graph.inputs) {
    depends[input.value.value] = true;
  }
  for (const model::Node& node : graph.nodes) {
    bool any = false;
    for (const model::Slot& slot : node.slots) {
      any = any || depends[slot.value.value];
    }
    for (const model::ValueId output : node.outputs) {
      depends[output.value] = any;
    }
  }
  return depends;
}

std::string place_of(const model::Graph& graph, const model::Value& value) {
  return value.producer == model::no_node
             ? fmt::format("the input '{}'", value.name)
             : fmt::format("the value '{}' ({})", value.name,
                           model::describe(graph.node(value.producer)));
}

// The layout under which the second run's sample r is the first run's sample r + 1.
std::optional<BatchLayout> rotated_layout(const ValueTrace& first, const ValueTrace& second) {
  for (std::size_t c = 0; c < first.candidates.size(); ++c) {
    const auto& a = first.rows[c];
    const auto& b = second.rows[c];
    bool holds = a.size() == b.size();
    for (std::size_t r = 0; holds && r < a.size(); ++r) {
      holds = b[r] == a[(r + 1) % a.size()];
    }
    if (holds) {
      return first.candidates[c];
    }
  }
  return std::nullopt;
}

std::optional<BatchLayout> usual_layout(const ValueTrace& trace) {
  return trace.candidates.empty() ? std::nullopt : std::optional(trace.candidates.front());
}

bool same_whole(const ValueTrace& a, const ValueTrace& b) {
  return a.sizes == b.sizes && a.whole == b.whole;
}

// True if no sample but the first changed, under some layout that the sizes allow.
bool only_first_sample_changed(const ValueTrace& a, const ValueTrace& b) {
  if (same_whole(a, b)) {
    return true;
  }
  for (std::size_t c = 0; c < a.candidates.size(); ++c) {
    if (c < b.rows.size() && a.rows[c].size() == b.rows[c].size() &&
        std::equal(a.rows[c].begin() + 1, a.rows[c].end(), b.rows[c].begin() + 1)) {
      return true;
    }
  }
  return false;
}

// The values that differ between two runs on the same input, and all that reads them: what one
// more run shows of those can be chance.
std::vector<bool> find_random(const model::Graph& graph, const RowHashes& first,
                              const RowHashes& again, Randomness randomness) {
  std::vector<bool> random(graph.values.size(), false);
  for (const model::Value& value : graph.values) {
    random[value.id.value] = !same_whole(first.value(value.id), again.value(value.id));
    if (random[value.id.value] && randomness == Randomness::refused) {
      throw RunError(fmt::format(
          "{} differs between two runs on the same input (an operator with random results, or "
          "one that is not deterministic); put the model in eval mode and export it again, or "
          "accept what that means for the rates with --allow-nondeterministic",
          place_of(graph, value)));
    }
  }
  for (const model::Node& node : graph.nodes) {
    const bool reads = std::any_of(node.slots.begin(), node.slots.end(),
                                   [&](const auto& slot) { return random[slot.value.value]; });
    for (const model::ValueId output : node.outputs) {
      random[output.value] = random[output.value] || reads;
    }
  }
  return random;
}

bool any(const std::vector<bool>& flags) {
  return std::find(flags.begin(), flags.end(), true) != flags.end();
}

}  // namespace

void refuse_mixing(Executor& executor, const at::Tensor& samples, Randomness randomness) {
  const model::Graph& graph = executor.graph();
  at::Tensor other = samples.clone();
  other.select(0, 0).mul_(-1).add_(0.25);
  std::vector<model::ValueId> suspects;
  for (const bool all_layouts : {false, true}) {
    // The usual layout clears nearly every value; only what is left is looked at in all layouts.
    const RowHashes first = observe_run(executor, samples, all_layouts);
    const std::vector<bool> random =
        find_random(graph, first, observe_run(executor, samples, all_layouts), randomness);
    const RowHashes changed = observe_run(executor, other, all_layouts);
    suspects.clear();
    for (const model::Value& value : graph.values) {
      if (first.value(value.id).seen && !random[value.id.value] &&
          !only_first_sample_changed(first.value(value.id), changed.value(value.id))) {
        suspects.push_back(value.id);
      }
    }
    if (suspects.empty()) {
      return;
    }
  }
  throw RunError(fmt::format(
      "{} mixes the samples of a batch (one sample changes another's results; batch norm in "
      "train mode does); put the model in eval mode and export it again",
      place_of(graph, graph.value(suspects.front()))));
}

Proof prove_layouts(Executor& executor, const at::Tensor& samples, Randomness randomness) {
  const model::Graph& graph = executor.graph();
  const at::Tensor rotated = samples.roll(-1, 0);
  Proof proof{observe_run(executor, samples, false), {}, find_dependent_values(graph), {}};
  proof.layouts.resize(graph.values.size());
  proof.random = find_random(graph, proof.first, observe_run(executor, samples, false), randomness);
  proof.deterministic = !any(proof.random);
  if (samples.size(0) == 1) {  // every tensor belongs to the one sample
    for (const model::Value& value : graph.values) {
      if (proof.depends_on_input[value.id.value] && proof.first.value(value.id).seen) {
        proof.layouts[value.id.value] = proof.first.value(value.id).candidates.front();
      }
    }
    return proof;
  }

  const RowHashes second = observe_run(executor, rotated, false);
  std::vector<model::ValueId> open;
  for (const model::Value& value : graph.values) {
    const ValueTrace& a = proof.first.value(value.id);
    if (!a.seen || !proof.depends_on_input[value.id.value]) {
      continue;
    }
    if (proof.random[value.id.value]) {
      proof.layouts[value.id.value] = usual_layout(a);
      continue;
    }
    const auto layout = rotated_layout(a, second.value(value.id));
    proof.layouts[value.id.value] = layout;
    if (!layout && !same_whole(a, second.value(value.id))) {
      open.push_back(value.id);
    }
  }
  if (open.empty()) {
    return proof;
  }

  // Some values carry their samples elsewhere than in dimension 0: try every place.
  const RowHashes all_first = observe_run(executor, samples, true);
  const RowHashes all_second = observe_run(executor, rotated, true);
  for (const model::ValueId id : open) {
    proof.layouts[id.value] = rotated_layout(all_first.value(id), all_second.value(id));
    if (!proof.layouts[id.value] && !proof.deterministic) {
      // Chance may have hidden the randomness of one more value.
      proof.layouts[id.value] = usual_layout(all_first.value(id));
      continue;
    }
    if (!proof.layouts[id.value]) {
      throw RunError(fmt::format(
          "{} depends on the place of a sample within a batch of {} (the library computes the "
          "last rows of a batch in another order); use a run.batch that is a multiple of 16",
          place_of(graph, graph.value(id)), samples.size(0)));
    }
  }
  return proof;
}

}  // namespace softbeam::execute
