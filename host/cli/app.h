// The command line as a whole. Used by main alone, and by tests in its place.
#pragma once

#include <string>
#include <vector>

namespace softbeam::cli {

// Parses and runs one command; results go to stdout, messages to stderr. Returns the exit code:
// 0 done, 1 failed, 2 usage or configuration, 3 device not there, 130 stopped by a signal.
int run(const std::vector<std::string>& arguments);

}  // namespace softbeam::cli
