// Private: how a campaign's trials were run, from the notes in its store.
// Used by the text report.
#pragma once

#include <string>

#include "host/record/rows.h"

namespace softbeam::report {

// A table with an empty line before it; of a key with many values only the first. "" without notes.
std::string execution_text(const record::Notes& notes);

// In one line: "Run: mode wave; 3 switched off; verified 5 of 10 trials."
std::string execution_line(const record::Notes& notes);

}  // namespace softbeam::report
