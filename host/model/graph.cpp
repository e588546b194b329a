#include "host/model/graph.h"

namespace softbeam::model {

std::string describe(const Node& node) {
  std::string text = node.op;
  if (!node.module.empty()) {
    text += " at " + node.module;
  }
  if (!node.location.empty()) {
    text += " (" + node.location + ")";
  }
  return text;
}

}  // namespace softbeam::model
