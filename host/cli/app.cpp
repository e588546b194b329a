#include "host/cli/app.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "host/base/error.h"
#include "host/base/suggest.h"
#include "host/base/version.h"
#include "host/cli/commands.h"
#include "host/config/schema.h"

namespace softbeam::cli {
namespace {

enum ExitCode { done = 0, failed = 1, usage = 2, no_device = 3 };

// Commands of the published contract that this version does not have.
const std::vector<std::string> unbuilt_commands{"merge", "bench", "import"};

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return names;
}

void check_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments.front().starts_with("-")) {
    return;
  }
  const std::string& word = arguments.front();
  const auto names = command_names(app);
  if (std::find(unbuilt_commands.begin(), unbuilt_commands.end(), word) != unbuilt_commands.end()) {
    throw UsageError(fmt::format("the command '{}' is not built yet; this version has: {}", word,
                                 fmt::join(names, ", ")));
  }
  if (std::find(names.begin(), names.end(), word) == names.end()) {
    throw UsageError(fmt::format("unknown command '{}'{}; commands: {}", word,
                                 did_you_mean(word, names), fmt::join(names, ", ")));
  }
}

// Arguments that no flag took: misspelt flags get the nearest name, keys not built yet their way
// out.
void refuse_leftovers(const CLI::App& command) {
  const std::vector<std::string> left = command.remaining();
  if (left.empty()) {
    return;
  }
  const std::string& word = left.front();
  if (!word.starts_with("-")) {
    throw UsageError(fmt::format("unexpected argument '{}'; see `softbeam {} --help`", word,
                                 command.get_name()));
  }
  const std::string name = word.substr(0, word.find('='));
  for (const config::Unbuilt& key : config::unbuilt_keys()) {
    if (name == "--" + key.name) {
      throw UsageError(fmt::format("{} is not built yet; {}", name, key.advice));
    }
  }
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& flag : option->get_lnames()) {
      flags.push_back("--" + flag);
    }
  }
  throw UsageError(fmt::format("unknown flag '{}'{}; see `softbeam {} --help`", name,
                               did_you_mean(name, flags), command.get_name()));
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
  add_doctor(commands);
  for (auto& [command, action] : commands.actions) {
    command->allow_extras();
  }
  check_command(app, arguments);
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());  // of the chosen command, if there is one
    return done;
  } catch (const CLI::CallForVersion& version_text) {
    fmt::print("{}\n", version_text.what());
    return done;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}; see `softbeam --help`", error.what()));
  }
  for (auto& [command, action] : commands.actions) {
    if (command->parsed()) {
      refuse_leftovers(*command);
      return action();
    }
  }
  return done;
}

int report_error(const char* message, ExitCode code) {
  std::fprintf(stderr, "softbeam: %s\n", message);  // fmt would throw where stderr is closed
  return code;
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  try {
    return run_command(arguments);
  } catch (const UsageError& error) {
    return report_error(error.what(), usage);
  } catch (const DeviceError& error) {
    return report_error(error.what(), no_device);
  } catch (const std::bad_alloc&) {
    return report_error(
        "out of memory; lower run.batch or run.threads, or use fewer samples "
        "(data.limit)",
        failed);
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    return report_error(text.substr(0, text.find('\n')).c_str(), failed);
  } catch (const std::exception& error) {
    return report_error(error.what(), failed);
  }
}

}  // namespace softbeam::cli
