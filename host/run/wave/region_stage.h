// Reads one elementwise node as stages of a region. Private to host/run/wave.
#pragma once

#include <vector>

#include "host/run/wave/region.h"

namespace softbeam::run {

class RegionNode;

// A stage whose operands are still values of the graph.
struct StageOfValues {
  Stage stage;
  std::vector<model::ValueId> inputs;
  model::ValueId output;
};

struct ParsedNode {
  // The node, and those that take its list of results apart.
  std::vector<model::NodeId> nodes;
  std::vector<StageOfValues> stages;
};

class StageParser {
 public:
  // All references must outlive the parser.
  StageParser(const model::Graph& graph, const Capture& capture,
              const std::vector<WaveValue>& values);

  // No stages where the node is no elementwise operator on rows of one image size, or of a form
  // that is not known.
  ParsedNode parse(model::NodeId node) const;

  // By value: the nodes that read its content.
  const std::vector<model::NodeId>& readers(model::ValueId id) const { return readers_[id.value]; }

 private:
  ParsedNode split(const RegionNode& view) const;
  bool only_first_output_is_read(const model::Node& node) const;

  const model::Graph& graph_;
  const Capture& capture_;
  const std::vector<WaveValue>& values_;
  std::vector<std::vector<model::NodeId>> readers_;
};

}  // namespace softbeam::run
