// Runs a program as a user would: its own process, with exit code, signal and both outputs.
// Used by the tests of the command line.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace softbeam::support {

enum class Stdout { captured, closed_pipe };

struct Launch {
  std::string program;
  std::vector<std::string> arguments;
  std::string folder;  // working directory; "" keeps the test's own
  std::vector<std::pair<std::string, std::string>> environment;  // over the test's own
  std::string input;                                             // of standard input
  Stdout out = Stdout::captured;
  std::chrono::milliseconds timeout{120000};  // killed after so long
};

struct Finished {
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  bool timed_out = false;
  std::uint64_t peak_bytes = 0;  // of memory that it had resident
  std::string out;
  std::string err;
};

// A running process, killed and waited for by the destructor. stdout and stderr are files, not
// terminals.
class Process {
 public:
  explicit Process(const Launch& launch);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  void send(int signal) const;
  bool running();
  // Until the process ends, or the timeout kills it.
  Finished wait();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, CloseFile>;

  bool reap(bool block);

  pid_t pid_ = -1;
  int status_ = 0;
  std::uint64_t peak_bytes_ = 0;
  bool reaped_ = false;
  bool timed_out_ = false;
  std::chrono::steady_clock::time_point deadline_;
  File in_;
  File out_;
  File err_;
};

Finished run_program(const Launch& launch);

}  // namespace softbeam::support
