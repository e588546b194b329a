// Subjects of drawn graphs: those that campaigns accept, with their reasons where they do not.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "host/campaign/subject.h"
#include "tests/support/random_graph.h"

namespace softbeam::run {

struct Drawn {
  std::uint64_t seed = 0;  // of the graph that was accepted
  std::unique_ptr<campaign::Subject> subject;
  bool writes_through_views = false;
};

// Draws with this seed, and with seeds that follow from it until a campaign accepts the graph.
// `redrawn` counts the refusals by their kind. Another error than those that a sound tool gives to
// some of these graphs is thrown on.
Drawn draw_subject(std::uint64_t seed, std::map<std::string, int>& redrawn);

// The nodes of a graph, one a line, for messages.
std::string listing(const model::Graph& graph);

}  // namespace softbeam::run
