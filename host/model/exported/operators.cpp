#include "host/model/exported/operators.h"

#include <string>

namespace softbeam::model::exported {

std::optional<c10::OperatorHandle> find_operator(std::string_view target) {
  constexpr std::string_view prefix = "torch.ops.";
  if (!target.starts_with(prefix)) {
    return std::nullopt;
  }
  target.remove_prefix(prefix.size());
  const std::size_t first = target.find('.');
  const std::size_t last = target.rfind('.');
  if (first == std::string_view::npos || first == last) {
    return std::nullopt;
  }
  const std::string name = std::string(target.substr(0, first)) +
                           "::" + std::string(target.substr(first + 1, last - first - 1));
  const std::string overload(target.substr(last + 1));
  return c10::Dispatcher::singleton().findSchema({name, overload == "default" ? "" : overload});
}

std::string_view way_out(std::string_view target) {
  if (target.starts_with("torch.ops.quantized_decomposed.")) {
    return "; quantised models are read from TorchScript files only";
  }
  if (target.starts_with("torch.ops.higher_order.")) {
    return "; export the model without control flow, autocast and the like around its operators";
  }
  if (target.starts_with("torch.ops.aten.")) {
    return "; export the model with torch 2.11";
  }
  return "; operators of other packages cannot be run, leave them out of the exported model";
}

}  // namespace softbeam::model::exported
