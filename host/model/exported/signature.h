// The signature of an exported program: what its inputs and outputs are. Private to
// host/model/exported.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/model/builder.h"
#include "host/model/exported/arguments.h"
#include "host/model/exported/json.h"
#include "host/model/exported/weights.h"

namespace softbeam::model::exported {

// Adds inputs and stored tensors to `builder` and binds their names; returns the batch size for
// which alone the program was exported, if no input has a free one. Throws ShapeError; RunError
// for inputs that are no tensors.
std::optional<std::int64_t> read_inputs(const Json& graph_module, Weights& weights,
                                        const std::string& path, GraphBuilder& builder,
                                        Scope& scope);

// Sets the outputs: the tensors of the model's result, with the keys of dictionaries as names.
// Changed buffers are dropped: every run starts from the stored ones.
void read_outputs(const Json& graph_module, const std::string& path, GraphBuilder& builder,
                  const Scope& scope);

// Names of the leaves of a result, from its out_spec: "0", "logits", "features.1". Empty if the
// text is not a tree that this reader knows.
std::vector<std::string> leaf_names(const std::string& out_spec);

}  // namespace softbeam::model::exported
