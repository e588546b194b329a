// What is wrong with a command line, in softbeam's words instead of CLI11's. Private to host/cli.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace softbeam::cli {

// Throws UsageError unless the first argument is a command, --help or --version.
void check_command(const CLI::App& app, const std::vector<std::string>& arguments);

// The message for a command line that CLI11 could not parse.
std::string message_of(const CLI::ParseError& error, const CLI::App& app,
                       const std::vector<std::string>& arguments);

// Throws UsageError for arguments that no flag took: misspelt flags get the nearest name, keys not
// built yet their way out; and for a flag whose value is empty.
void check_arguments(const CLI::App& command);

}  // namespace softbeam::cli
