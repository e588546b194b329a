// What the wave throws where it is not exact here: caught before the first wave, the campaign runs
// in plain mode; later it ends the run.
#pragma once

#include <string>

#include "host/base/error.h"

namespace softbeam::run {

struct NoWave : RunError {
  explicit NoWave(const std::string& reason)
      : RunError(reason + "; run with --run.mode plain, and please report the model"),
        why(reason) {}
  std::string why;
};

}  // namespace softbeam::run
