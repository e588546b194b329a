#include <unistd.h>

#include <csignal>

#include "host/cli/commands.h"

namespace softbeam::cli {
namespace {

std::atomic<bool> stop{false};
std::atomic<bool> recording{false};

extern "C" void on_signal(int signal) {
  if (!recording) {
    _exit(130);  // nothing to bring to an end: the store holds what was committed
  }
  stop = true;
  std::signal(signal, SIG_DFL);
}

// A signal that the caller had ignored, as nohup and shells' background jobs do, stays ignored.
void watch(int signal) {
  struct sigaction before {};
  if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
    std::signal(signal, on_signal);
  }
}

}  // namespace

const std::atomic<bool>& stop_flag() { return stop; }

void stop_after_the_chunk(bool on) { recording = on; }

void watch_signals() {
  static_assert(std::atomic<bool>::is_always_lock_free);
  watch(SIGINT);
  watch(SIGTERM);
  // A reader of the report that went away is a failed write, not the end of an open store.
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace softbeam::cli
