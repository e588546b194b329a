#include "host/cli/app.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <new>
#include <string_view>
#include <system_error>

#include "host/base/error.h"
#include "host/base/version.h"
#include "host/cli/commands.h"
#include "host/cli/flag_errors.h"
#include "host/cli/streams.h"

namespace softbeam::cli {
namespace {

enum ExitCode { done = 0, failed = 1, usage = 2, no_device = 3 };

// torch says "[enforce fail at alloc_cpu.cpp:117] ... DefaultCPUAllocator: can't allocate memory".
bool is_out_of_memory(std::string_view message) {
  return message.find("alloc_cpu") != std::string_view::npos ||
         message.find("DefaultCPUAllocator") != std::string_view::npos ||
         message.find("CUDA out of memory") != std::string_view::npos;
}

int run_command(const std::vector<std::string>& arguments) {
  CLI::App app{
      "Strikes a neural network with hardware faults and says how often, where and why its "
      "answers go wrong."};
  app.name("softbeam");
  app.set_version_flag("--version", std::string("softbeam ") + version);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 device not there, 130 "
      "stopped.\nExample: softbeam run configs/quickstart_lenet5.yaml --store lenet5.db");
  Commands commands{app, {}};
  add_run(commands);
  add_sweep(commands);
  add_plan(commands);
  add_inspect(commands);
  add_report(commands);
  add_replay(commands);
  add_export(commands);
  add_bench(commands);
  add_doctor(commands);
  for (auto& [command, action] : commands.actions) {
    command->allow_extras();
  }
  check_command(app, arguments);
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    print_out(app.help());  // of the chosen command, if there is one
    return done;
  } catch (const CLI::CallForVersion& version_text) {
    print_out(fmt::format("{}\n", version_text.what()));
    return done;
  } catch (const CLI::ParseError& error) {
    throw UsageError(message_of(error, app, arguments));
  }
  for (auto& [command, action] : commands.actions) {
    if (command->parsed()) {
      check_arguments(*command);
      return action();
    }
  }
  return done;
}

int report_error(const std::string& message, ExitCode code) {
  say(message);
  return code;
}

int report_out_of_memory() {
  return report_error(
      "out of memory; lower run.memory, run.batch or run.threads, or use fewer samples "
      "(data.limit)",
      failed);
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  occupy_closed_streams();
  try {
    return run_command(arguments);
  } catch (const UsageError& error) {
    return report_error(error.what(), usage);
  } catch (const DeviceError& error) {
    return report_error(error.what(), no_device);
  } catch (const std::bad_alloc&) {
    return report_out_of_memory();
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    return is_out_of_memory(text) ? report_out_of_memory()
                                  : report_error(text.substr(0, text.find('\n')), failed);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again) {
      return report_error(
          fmt::format("no more threads can be started ({}); lower run.threads", error.what()),
          failed);
    }
    return report_error(error.what(), failed);
  } catch (const std::exception& error) {
    return is_out_of_memory(error.what()) ? report_out_of_memory()
                                          : report_error(error.what(), failed);
  }
}

}  // namespace softbeam::cli
