// A file that a command writes: complete under its name, or not there at all. Private to host/cli.
#pragma once

#include <fstream>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace softbeam::cli {

// A file that the command reads and must not replace: what it is, and its path ("" for none).
using InputFile = std::pair<std::string, std::string>;

class OutputFile {
 public:
  // Throws UsageError if `path` is one of the inputs, RunError if it cannot be written. A regular
  // file is written as PATH.part beside it; devices and pipes are written directly.
  OutputFile(const std::string& path, const std::vector<InputFile>& inputs);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  // Removes what was written, unless finish() was called.
  ~OutputFile();

  std::ostream& stream() { return file_; }
  // Gives the file its name; throws RunError if not everything could be written.
  void finish();

 private:
  std::string name_;    // as it was given
  std::string target_;  // where links lead
  std::string part_;    // what is written; "" once nothing is to be removed
  std::ofstream file_;
};

}  // namespace softbeam::cli
