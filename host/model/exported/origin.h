// Where a node comes from in the user's code, out of the metadata that torch.export keeps.
// Private to host/model/exported.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/model/builder.h"

namespace softbeam::model::exported {

// "L__self__,,cls;L__self__layer1,layer1,cls" from the outermost call to the innermost. The first
// field tells calls apart, the second is the module's path; a class name may hold commas.
std::vector<ModuleCall> module_calls(std::string_view nn_module_stack);

// "model.py:41": the innermost frame outside torch's own package, or else the last; "" if the trace
// has no frame.
std::string source_line(std::string_view stack_trace);

}  // namespace softbeam::model::exported
