// Models drawn from a seed, with data to run them on: what tests that hold for any model start
// from.
#pragma once

#include <cstdint>
#include <memory>

#include "host/data/dataset.h"
#include "host/model/graph.h"

namespace softbeam::support {

struct RandomGraph {
  std::shared_ptr<const model::Graph> graph;
  data::Dataset data;
  std::int64_t batch = 4;  // 4, 8 or 16
  // An in-place operator writes to memory that a view or another name shows too.
  bool writes_through_views = false;
};

// Small images (or lists of tokens), 3 to some 20 nodes with all usual operators, weights that keep
// values near 1 and now and then extreme ones. A function of the seed. The graph may turn out to be
// one that campaigns refuse: golden with NaN, or a library whose results depend on the place within
// so small a batch.
RandomGraph random_graph(std::uint64_t seed);

}  // namespace softbeam::support
