// The program's standard streams. Everything that host/cli prints goes through here. Private to
// host/cli.
#pragma once

#include <string>

namespace softbeam::cli {

// Opens /dev/null for each of the three that is closed, so that no store gets its number. Reading
// and writing them still fails. Called once, before any file is opened.
void occupy_closed_streams();

// Writes all of it to stdout or throws RunError (a closed pipe, a full disk).
void print_out(const std::string& text);

// "softbeam: MESSAGE" on stderr. Never fails: where stderr is gone, nobody can be told.
void say(const std::string& message);
// The same without the program's name, for lines that only a terminal gets.
void say_plainly(const std::string& line);

}  // namespace softbeam::cli
