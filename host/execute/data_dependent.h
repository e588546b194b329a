// Operators that look at the content of tensors to make numbers, or results of as many elements as
// the content says. Used by the profile (which has no sites there) and by the wave.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "host/model/graph.h"

namespace softbeam::execute {

// What a node reads through one slot.
struct SlotView {
  bool depends = false;  // on the samples
  at::ScalarType type = at::ScalarType::Undefined;
};

// True if the sizes of the node's results are made from the content of what it reads: nonzero,
// masked_select, an index with a mask.
bool makes_sizes_from_content(const model::Node& node,
                              const std::function<SlotView(std::size_t slot)>& slot);

// True for operators that ask a tensor for its sizes or its type and never for its content.
bool reads_sizes_only(const model::Node& node);

// By value: made from sizes alone, whatever the samples hold. `depends`, by value: on the samples.
std::vector<bool> find_made_from_sizes(const model::Graph& graph, const std::vector<bool>& depends);

// True for operators that look at the bits of a NaN, which arithmetic leaves open: its sign, or all
// of the word.
bool reads_bits_of_nans(const model::Node& node);

}  // namespace softbeam::execute
