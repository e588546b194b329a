#include "host/cli/flag_errors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/base/error.h"
#include "host/base/suggest.h"
#include "host/config/schema.h"

namespace softbeam::cli {
namespace {

// Commands of the published contract that this version does not have.
const std::vector<std::string> unbuilt_commands{"merge", "import"};

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names.push_back(command->get_name());
  }
  return names;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string flag_name(const std::string& argument) {
  return argument.substr(0, argument.find('='));
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& flag : option->get_lnames()) {
      flags.push_back("--" + flag);
    }
  }
  return flags;
}

// All names of a command's flag.
std::vector<std::string> spellings(const CLI::App& app, const std::string& command,
                                   const std::string& name) {
  std::vector<std::string> names;
  for (const std::string& other : app.get_subcommand(command)->get_option(name)->get_lnames()) {
    names.push_back("--" + other);
  }
  return names;
}

// A flag where the command belongs.
void check_first_flag(const CLI::App& app, const std::vector<std::string>& arguments) {
  const std::string& argument = arguments.front();
  const std::string name = flag_name(argument);
  if (name == "-h" || contains(flags_of(app), argument)) {
    return;
  }
  if (contains(flags_of(app), name)) {
    throw UsageError(
        fmt::format("{}: takes no value ('{}'); see `softbeam --help`", name, argument));
  }
  std::string owner;
  for (const CLI::App* command : app.get_subcommands({})) {
    const bool meant = contains(arguments, command->get_name());
    if ((owner.empty() || meant) && contains(flags_of(*command), name)) {
      owner = command->get_name();
    }
  }
  if (!owner.empty()) {
    throw UsageError(fmt::format(
        "{} stands before the command (flags go behind it); such as `softbeam {} ... {}`", name,
        owner, argument));
  }
  throw UsageError(fmt::format("unknown flag '{}'{}; see `softbeam --help`", name,
                               did_you_mean(name, flags_of(app))));
}

}  // namespace

void check_command(const CLI::App& app, const std::vector<std::string>& arguments) {
  const auto names = command_names(app);
  if (arguments.empty()) {
    throw UsageError(fmt::format("no command is given; commands: {}; see `softbeam --help`",
                                 fmt::join(names, ", ")));
  }
  const std::string& word = arguments.front();
  if (word.starts_with("-")) {
    check_first_flag(app, arguments);
    return;
  }
  if (contains(unbuilt_commands, word)) {
    throw UsageError(fmt::format("the command '{}' is not built yet; this version has: {}", word,
                                 fmt::join(names, ", ")));
  }
  if (!contains(names, word)) {
    throw UsageError(fmt::format("unknown command '{}'{}; commands: {}", word,
                                 did_you_mean(word, names), fmt::join(names, ", ")));
  }
}

std::string message_of(const CLI::ParseError& error, const CLI::App& app,
                       const std::vector<std::string>& arguments) {
  const std::string what = error.what();
  const std::string& command = arguments.front();
  const std::string help = contains(command_names(app), command)
                               ? fmt::format("see `softbeam {} --help`", command)
                               : "see `softbeam --help`";
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return fmt::format("{} is missing; {}", what.substr(0, what.find(' ')), help);
  }
  // A flag that takes none has a value; CLI11 names neither.
  const bool mismatch = dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr;
  for (const std::string& argument : arguments) {
    const std::string name = flag_name(argument);
    if (!mismatch && name.size() < argument.size() && what.find(name) != std::string::npos) {
      return fmt::format("{}: takes no value ('{}'); {}", name, argument, help);
    }
    if (mismatch && name.starts_with("-") && what.starts_with(name + ":")) {
      const auto names = spellings(app, command, name);
      const auto times = std::count_if(arguments.begin(), arguments.end(), [&](const auto& other) {
        return contains(names, flag_name(other));
      });
      return times > 1 ? fmt::format("{}: given {} times; give it once", name, times)
                       : fmt::format("{}: its value is missing; {}", name, help);
    }
  }
  return fmt::format("{}; {}", what, help);
}

void check_arguments(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const auto& values = option->results();
    if (option->count() > 0 && option->get_items_expected_max() > 0 && contains(values, "")) {
      throw UsageError(fmt::format("{}: its value is empty; see `softbeam {} --help`",
                                   option->get_name(), command.get_name()));
    }
    const bool takes_value = option->get_items_expected_max() > 0;
    for (const std::string& value : values) {
      if (!takes_value && value != "true") {  // CLI11 would take --json=0 and even --json=5x
        throw UsageError(fmt::format("{}: takes no value ('{}'); see `softbeam {} --help`",
                                     option->get_name(), value, command.get_name()));
      }
    }
  }
  const std::vector<std::string> left = command.remaining();
  if (left.empty()) {
    return;
  }
  const std::string& word = left.front();
  if (!word.starts_with("-")) {
    throw UsageError(fmt::format("unexpected argument '{}'; see `softbeam {} --help`", word,
                                 command.get_name()));
  }
  const std::string name = flag_name(word);
  for (const config::Unbuilt& key : config::unbuilt_keys()) {
    if (name == "--" + key.name) {
      throw UsageError(fmt::format("{} is not built yet; {}", name, key.advice));
    }
  }
  throw UsageError(fmt::format("unknown flag '{}'{}; see `softbeam {} --help`", name,
                               did_you_mean(name, flags_of(command)), command.get_name()));
}

}  // namespace softbeam::cli
