// Fills a node's argument template: constants in place, slots where run-time values go.
// Private to torchscript/.
#pragma once

#include "host/model/graph.h"
#include "host/model/torchscript/abstract.h"

namespace softbeam::model::torchscript {

// Appends `value` as the next argument of `node`; `type` is what the operator expects. False if
// run-time values are nested more deeply than in one list.
bool add_argument(Node& node, const Abstract& value, const c10::TypePtr& type);

}  // namespace softbeam::model::torchscript
