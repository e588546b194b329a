// Reads a torch.export archive. Private to host/model.
#pragma once
#include <memory>
#include <string>

#include "host/model/graph.h"

namespace softbeam::model::exported {
// Same errors as load_model(); precondition: the file is a torch.export archive.
std::shared_ptr<const Graph> read(const std::string& path);
}  // namespace softbeam::model::exported
