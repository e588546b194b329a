#include <algorithm>
#include <map>
#include <optional>

#include "host/run/wave/region.h"
#include "host/run/wave/region_stage.h"

namespace softbeam::run {
namespace {

// A region in the making.
struct Group {
  model::NodeId first;  // the region is computed in its place
  std::vector<model::NodeId> nodes;
  std::vector<StageOfValues> stages;
  std::int32_t height = 1;
  std::int32_t width = 1;
};

class Finder {
 public:
  Finder(const model::Graph& graph, const Capture& capture, const std::vector<WaveValue>& values,
         const Separate& separate, Grouping grouping)
      : graph_(graph),
        capture_(capture),
        values_(values),
        separate_(separate),
        grouping_(grouping),
        parser_(graph, capture, values),
        group_of_(graph.nodes.size(), none) {}

  std::vector<Region> run() {
    for (const model::Node& node : graph_.nodes) {
      if (group_of_[node.id.value] == none) {
        place(node);
      }
    }
    std::vector<Region> regions;
    regions.reserve(groups_.size());
    for (std::uint32_t g = 0; g < groups_.size(); ++g) {
      regions.push_back(make_region(g));
    }
    std::sort(regions.begin(), regions.end(),
              [](const Region& a, const Region& b) { return a.nodes.front() < b.nodes.front(); });
    return regions;
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;

  void place(const model::Node& node) {
    ParsedNode parsed = parser_.parse(node.id);
    const bool stays_out = std::any_of(parsed.nodes.begin(), parsed.nodes.end(), [&](auto id) {
      return id.value < separate_.nodes.size() && separate_.nodes[id.value];
    });
    if (parsed.stages.empty() || stays_out) {
      return;
    }
    std::uint32_t chosen = choose(parsed);
    if (chosen == none) {
      chosen = static_cast<std::uint32_t>(groups_.size());
      const WaveValue& value = values_[parsed.stages.front().output.value];
      groups_.push_back({.first = node.id, .height = value.height, .width = value.width});
    }
    Group& group = groups_[chosen];
    for (const model::NodeId id : parsed.nodes) {
      group_of_[id.value] = chosen;
      group.nodes.push_back(id);
    }
    std::move(parsed.stages.begin(), parsed.stages.end(), std::back_inserter(group.stages));
  }

  // The group that the node may join: it makes one of its inputs, and all other inputs are there
  // before the group is computed. Of several the latest.
  std::uint32_t choose(const ParsedNode& parsed) const {
    const WaveValue& output = values_[parsed.stages.front().output.value];
    std::uint32_t best = none;
    if (grouping_ == Grouping::single_nodes) {
      return best;
    }
    for (const model::ValueId input : parsed.stages.front().inputs) {
      const std::uint32_t g = group_making(input);
      if (g == none || (best != none && groups_[g].first < groups_[best].first) ||
          groups_[g].height != output.height || groups_[g].width != output.width) {
        continue;
      }
      const auto& inputs = parsed.stages.front().inputs;
      if (std::all_of(inputs.begin(), inputs.end(), [&](model::ValueId other) {
            return group_making(other) == g || made_before(other, groups_[g].first);
          })) {
        best = g;
      }
    }
    return best;
  }

  std::uint32_t group_making(model::ValueId id) const {
    const model::NodeId producer = graph_.value(id).producer;
    return producer == model::no_node ? none : group_of_[producer.value];
  }

  bool made_before(model::ValueId id, model::NodeId node) const {
    const model::NodeId producer = graph_.value(id).producer;
    if (producer == model::no_node) {
      return true;
    }
    const std::uint32_t g = group_of_[producer.value];
    return (g == none ? producer : groups_[g].first) < node;
  }

  bool read_outside(model::ValueId id, std::uint32_t group) const {
    if (grouping_ == Grouping::single_nodes) {
      return true;
    }
    const auto& readers = parser_.readers(id);
    return std::count(capture_.outputs.begin(), capture_.outputs.end(), id) > 0 ||
           std::any_of(readers.begin(), readers.end(),
                       [&](model::NodeId reader) { return group_of_[reader.value] != group; });
  }

  Region make_region(std::uint32_t g) {
    Group& group = groups_[g];
    Region region{.nodes = group.nodes, .height = group.height, .width = group.width};
    std::sort(region.nodes.begin(), region.nodes.end());
    std::map<model::ValueId, std::uint32_t> operand;
    const auto add = [&](model::ValueId id) {
      const auto [place, is_new] =
          operand.emplace(id, static_cast<std::uint32_t>(region.operands.size()));
      if (is_new) {
        region.operands.push_back(id);
        region.channels.push_back(values_[id.value].channels);
      }
      return place->second;
    };
    for (const StageOfValues& stage : group.stages) {
      for (const model::ValueId input : stage.inputs) {
        if (group_making(input) != g) {
          add(input);
        }
      }
    }
    region.externals = region.operands.size();
    for (StageOfValues& stage : group.stages) {
      for (const model::ValueId input : stage.inputs) {
        stage.stage.inputs.push_back(operand.at(input));
      }
      stage.stage.output = add(stage.output);
      if (read_outside(stage.output, g)) {
        region.exported.push_back(stage.stage.output);
      }
      region.stages.push_back(std::move(stage.stage));
    }
    find_passes(region);
    return region;
  }

  static void find_passes(Region& region) {
    std::vector<std::uint32_t> readers(region.operands.size(), 0);
    for (const Stage& stage : region.stages) {
      for (const std::uint32_t input : stage.inputs) {
        ++readers[input];
      }
    }
    for (std::uint32_t s = 0; s < region.stages.size(); ++s) {
      const std::uint32_t made = region.stages[s].output;
      region.dead_ends = region.dead_ends || (readers[made] == 0 && !region.is_exported(made));
      if (!region.passes.empty()) {
        Pass& last = region.passes.back();
        const Stage& before = region.stages[s - 1];
        if (can_follow(before, region.stages[s]) && readers[before.output] == 1 &&
            !region.is_exported(before.output)) {
          ++last.count;
          continue;
        }
      }
      region.passes.push_back({s, 1});
    }
  }

  // Batch norm, then a sum, then bounds.
  static bool can_follow(const Stage& before, const Stage& stage) {
    const auto rank = [](const Stage& s) {
      switch (s.kind) {
        case StageKind::batch_norm:
          return 1;
        case StageKind::add:
          return s.has_scalar || s.alpha != 1.0F ? 0 : 2;
        case StageKind::relu:
        case StageKind::clamp:
          return 3;
        default:
          return 0;
      }
    };
    return rank(before) > 0 && rank(stage) > rank(before) &&
           std::count(stage.inputs.begin(), stage.inputs.end(), before.output) == 1;
  }

  const model::Graph& graph_;
  const Capture& capture_;
  const std::vector<WaveValue>& values_;
  const Separate& separate_;
  Grouping grouping_;
  StageParser parser_;
  std::vector<std::uint32_t> group_of_;  // by NodeId
  std::vector<Group> groups_;
};

}  // namespace

bool Region::is_exported(std::uint32_t operand) const {
  return std::count(exported.begin(), exported.end(), operand) > 0;
}

std::vector<Region> find_regions(const model::Graph& graph, const Capture& capture,
                                 const std::vector<WaveValue>& values, const Separate& separate,
                                 Grouping grouping) {
  return Finder(graph, capture, values, separate, grouping).run();
}

}  // namespace softbeam::run
