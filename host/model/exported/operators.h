// Finds operators in LibTorch by the name that .pt2 files use. Private to host/model/exported.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <optional>
#include <string_view>

namespace softbeam::model::exported {

// "torch.ops.aten.add_.Tensor" -> aten::add_, overload Tensor; nothing if the name has another form
// or LibTorch has no such operator.
std::optional<c10::OperatorHandle> find_operator(std::string_view target);

// What to do about an operator that cannot be run: "; export the model …".
std::string_view way_out(std::string_view target);

}  // namespace softbeam::model::exported
