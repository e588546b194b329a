// Reads a model file of either format. Used by the campaign and the command line.
#pragma once

#include <memory>
#include <string>

#include "host/model/graph.h"

namespace softbeam::model {

// `path` is a torch.export archive (.pt2) or a TorchScript file (.pt); told apart by content.
// Throws RunError, naming file and cause and the way out: missing, empty or truncated file; a
// training checkpoint (state_dict) given as a model; another kind of zip; an operator that this
// LibTorch does not have (with module path and source line); control flow that depends on data;
// weights whose sizes, strides or offsets do not fit their storage.
std::shared_ptr<const Graph> load_model(const std::string& path);

}  // namespace softbeam::model
