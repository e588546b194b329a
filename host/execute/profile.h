// One clean look at a model: which sites it has, where each sample lies in every value, and that
// a batch neither mixes its samples nor depends on their places. Used by plan and run.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/execute/executor.h"
#include "host/execute/layout.h"
#include "host/execute/site.h"

namespace softbeam::execute {

// Where a site lies in the graph: a value; or, for SiteKind::input, one slot of one node.
struct SitePlace {
  model::ValueId value;
  model::NodeId node = model::no_node;
  std::size_t slot = 0;
  BatchLayout layout;  // unused for parameters
};

// What is done with a model whose clean runs differ.
enum class Randomness : std::uint8_t { refused, allowed };

struct Profile {
  std::int64_t batch = 1;     // of every chunk
  bool deterministic = true;  // false: some value differed between two runs on the same input
  std::vector<Site> sites;
  std::vector<SitePlace> places;                         // by SiteId
  std::vector<std::optional<BatchLayout>> layouts;       // by ValueId; empty: equal for all samples
  std::vector<BatchLayout> output_layouts;               // of the graph's outputs
  std::vector<std::vector<std::int64_t>> output_shapes;  // of one sample
  std::vector<std::string> no_sites;                     // "NAME: why it cannot be struck"
  std::uint64_t macs = 0;                                // of one sample, where counted

  const Site& site(injectors::SiteId id) const { return sites[id.value]; }
};

// `samples` is [batch, sample shape...] on the executor's device, with rows that differ. Runs the
// graph three times (rows in place, rotated by one, in place again) and compares every value.
// Throws RunError, naming the value, for a model that is not deterministic (unless allowed), that
// mixes the samples of a batch, or whose results depend on the place within the batch. Where random
// values are allowed, their layouts are the most usual ones that their sizes allow.
Profile make_profile(Executor& executor, const at::Tensor& samples,
                     Randomness randomness = Randomness::refused);

// Multiply-adds of one node on one sample: convolutions, linear layers, matrix products; else 0.
// Shapes are those of the whole batch.
std::uint64_t multiply_adds(const model::Node& node, at::IntArrayRef output,
                            const std::vector<std::vector<std::int64_t>>& inputs);

}  // namespace softbeam::execute
