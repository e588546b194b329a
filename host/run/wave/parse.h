// Reads the sliding and moving operators of a graph: which nodes are convolutions, linear layers,
// poolings, shifts and reshapes that the wave knows. Private to host/run/wave.
#pragma once

#include <optional>

#include "host/run/wave/program.h"

namespace softbeam::run {

// What a parser looks at.
struct NodeView {
  const model::Graph& graph;
  const Capture& capture;
  const std::vector<WaveValue>& values;
  const model::Node& node;

  // The captured argument of this name; null if the operator has none.
  const c10::IValue* argument(std::string_view name) const;
  // The slot that fills this argument; -1 if it is a constant of the file.
  std::int32_t slot(std::string_view argument_name) const;
  const WaveValue& input() const;  // of the first slot that depends on the samples
  const WaveValue& output() const;
};

// Nothing where the node is of another kind, or of a form that has to run dense.
std::optional<Convolution> parse_convolution(const NodeView& view);
std::optional<Linear> parse_linear(const NodeView& view);
std::optional<Pooling> parse_pooling(const NodeView& view);
std::optional<Shift> parse_shift(const NodeView& view);
// True for views that keep the row-major order of a sample's elements.
bool is_reshape(const NodeView& view);

}  // namespace softbeam::run
