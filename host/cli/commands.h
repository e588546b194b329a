// One function per command: adds it to the parser with its help and flags. Private to host/cli.
#pragma once

#include <CLI/CLI.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "host/config/load.h"

namespace softbeam::cli {

// What a command does once its flags are parsed; returns the exit code.
using Action = std::function<int()>;

struct Commands {
  CLI::App& app;
  std::vector<std::pair<CLI::App*, Action>> actions;
};

void add_run(Commands& commands);
void add_sweep(Commands& commands);
void add_plan(Commands& commands);
void add_inspect(Commands& commands);
void add_report(Commands& commands);
void add_replay(Commands& commands);
void add_export(Commands& commands);
void add_bench(Commands& commands);
void add_doctor(Commands& commands);

// Set by Ctrl-C and SIGTERM while trials are recorded; a second signal ends the process. At other
// times a signal ends it at once, with exit code 130.
// From then on a closed pipe is an error of the write, too.
const std::atomic<bool>& stop_flag();
void watch_signals();
void stop_after_the_chunk(bool on);

}  // namespace softbeam::cli
