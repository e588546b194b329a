// Where in the user's Python code a TorchScript node comes from. Private to torchscript/.
#pragma once

#include <torch/csrc/jit/frontend/source_range.h>

#include <string>
#include <vector>

namespace softbeam::model::torchscript {

// "model.py:41": the innermost place outside torch's own package; `callers` from the outermost call
// to the innermost. "" where the file was saved without debug information.
std::string source_location(const torch::jit::SourceRange& range,
                            const std::vector<torch::jit::SourceRange>& callers);

}  // namespace softbeam::model::torchscript
