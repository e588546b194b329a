// Plans as files: written as JSON or CSV, read back, also hand-written ones.
// Used by the plan command and `run --plan`.
#pragma once

#include <iosfwd>
#include <memory>
#include <span>
#include <string>

#include "host/execute/site.h"
#include "host/plan/fault_plan.h"

namespace softbeam::plan {

enum class FileFormat : std::uint8_t { json, csv };

// One object or group of lines per trial of [first, last):
// {"trial","fault","sample","corruptions":[{"site","element","operation","bits","flip","keep"}]}.
// Masks are hexadecimal strings; `bits` lists the bits that a bit-level operation touches.
void write_plan(const FaultPlan& plan, std::span<const execute::Site> sites, std::uint64_t first,
                std::uint64_t last, FileFormat format, std::ostream& out);

// Reads either format (told apart by the first character). In a hand-written plan `trial` defaults
// to the position, `fault` to the trial, `operation` to bitflip, and the masks follow from `bits`
// (bit-level operations), `value` (set) or nothing (zero). Throws RunError for an unreadable file
// and UsageError, naming trial and token, for anything else: unknown keys, sites or operations,
// elements, samples or bits out of range, masks wider than the word or at odds with the operation,
// two corruptions of one word in a fault, one fault id with different corruptions, trial ids that
// do not count up from 0.
std::unique_ptr<FaultPlan> read_plan(const std::string& path, std::span<const execute::Site> sites,
                                     std::uint64_t samples);

}  // namespace softbeam::plan
