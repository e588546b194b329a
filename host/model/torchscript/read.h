// Reads a TorchScript file. Private to host/model.
#pragma once
#include <memory>
#include <string>

#include "host/model/graph.h"

namespace softbeam::model::torchscript {
// Same errors as load_model(); precondition: the file is a TorchScript archive.
std::shared_ptr<const Graph> read(const std::string& path);
}  // namespace softbeam::model::torchscript
