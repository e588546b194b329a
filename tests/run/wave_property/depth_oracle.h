// The depth at which a trial's last difference dies, found by looking at every value of plain runs.
#pragma once

#include <cstdint>
#include <optional>

#include "host/campaign/subject.h"
#include "host/plan/fault_plan.h"

namespace softbeam::run {

// The last node that reads anything in which the trial differs from golden: the last reader of a
// value (its own node if none reads it), or a node whose own view of an input or parameter was
// struck. Nothing if it never differs. Two plain runs with the trial alone in its chunk, so that
// every word that differs is the trial's. Not for graphs that write through views: there a value
// has no one content.
std::optional<std::uint32_t> plain_depth(campaign::Subject& subject, const plan::FaultPlan& plan,
                                         const plan::Trial& trial);

}  // namespace softbeam::run
