#include "host/execute/site.h"

namespace softbeam::execute {

std::string_view name(SiteKind kind) {
  switch (kind) {
    case SiteKind::output:
      return "output";
    case SiteKind::input:
      return "input";
    case SiteKind::weight:
      return "weight";
    case SiteKind::bias:
      return "bias";
    case SiteKind::model_input:
      return "model_input";
  }
  return "unknown";
}

}  // namespace softbeam::execute
