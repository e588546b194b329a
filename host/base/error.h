// Errors that a user can act on; each message reads "problem (why) suggestion".
// Libraries throw these; main maps the type to an exit code.
#pragma once

#include <stdexcept>
#include <string>

namespace softbeam {

// Exit code 1: a file that cannot be read or written, a model that cannot run, a failed check.
struct RunError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Exit code 2: an unknown or invalid flag, key, value, site, operator.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Exit code 3: the asked-for device is not there.
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace softbeam
