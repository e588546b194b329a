#include "host/cli/streams.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/base/error.h"

namespace softbeam::cli {

void occupy_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) == -1 && errno == EBADF) {
      // The lowest free number is this one. The wrong way round: it stays unusable.
      const int opened = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
      if (opened > STDERR_FILENO) {
        close(opened);
      }
    }
  }
}

void print_out(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw RunError(fmt::format("standard output cannot be written ({})", std::strerror(errno)));
  }
}

void say(const std::string& message) { say_plainly("softbeam: " + message); }

void say_plainly(const std::string& line) {
  std::fputs((line + "\n").c_str(), stderr);  // fmt would throw where stderr is closed or full
}

}  // namespace softbeam::cli
