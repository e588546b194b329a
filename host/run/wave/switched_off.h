// A form that was not exact, or a node without forms; for the report.
#pragma once

#include <string>

#include "host/run/wave/settings.h"

namespace softbeam::run {

struct SwitchedOff {
  std::string node;
  Form form = Form::crop;
  std::string shape;  // "all" where the node has no forms
  std::string why;
};

}  // namespace softbeam::run
