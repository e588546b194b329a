// Chooses sites by where, name, glob and operator. Private to host/plan and the inspect command.
#pragma once

#include <span>
#include <vector>

#include "host/config/config.h"
#include "host/execute/site.h"

namespace softbeam::plan {

// The operators that `faults.ops` means when it is not given: those that hold nearly all of a
// network's arithmetic and weights.
std::vector<std::string> default_ops();

// Sites in their given order. Names match whole; a pattern without ':' matches no node input, and
// for weights and biases a module's path stands for its parameters. With `sites` but without `ops`
// any operator is meant. Errors as make_frame().
std::vector<execute::Site> select_sites(const config::CampaignConfig::Faults& faults,
                                        std::span<const execute::Site> sites);

}  // namespace softbeam::plan
