#include <csignal>

#include "host/cli/commands.h"

namespace softbeam::cli {
namespace {

std::atomic<bool> stop{false};

extern "C" void on_signal(int signal) {
  stop = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& stop_flag() { return stop; }

void watch_signals() {
  static_assert(std::atomic<bool>::is_always_lock_free);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  // A reader of the report that went away is a failed write, not the end of an open store.
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace softbeam::cli
