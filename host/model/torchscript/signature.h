// The model's inputs and outputs, as its forward method declares and returns them.
// Private to torchscript/.
#pragma once

#include <ATen/core/function_schema.h>

#include <vector>

#include "host/model/builder.h"
#include "host/model/torchscript/abstract.h"

namespace softbeam::model::torchscript {

// One value per tensor that forward takes; other arguments keep their defaults. Without self.
std::vector<Abstract> add_inputs(GraphBuilder& builder, const c10::FunctionSchema& forward);

// Every tensor of the result, nests flattened; numbers and None are not outputs.
void set_outputs(GraphBuilder& builder, const Abstract& result, const c10::FunctionSchema& forward);

}  // namespace softbeam::model::torchscript
