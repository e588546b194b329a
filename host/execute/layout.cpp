#include "host/execute/layout.h"

#include <ATen/ATen.h>

namespace softbeam::execute {
namespace {

// Walks the dimensions from the last to the first, peeling off one index each.
template <class SizeOf, class OffsetOf>
std::uint64_t peel(std::int64_t dims, std::uint64_t element, SizeOf size_of, OffsetOf offset_of) {
  std::uint64_t offset = 0;
  for (std::int64_t d = dims - 1; d >= 0; --d) {
    const auto size = static_cast<std::uint64_t>(size_of(d));
    offset += offset_of(d, static_cast<std::int64_t>(element % size));
    element /= size;
  }
  return offset;
}

}  // namespace

std::vector<std::int64_t> sample_shape(const BatchLayout& layout, at::IntArrayRef sizes) {
  std::vector<std::int64_t> shape = sizes.vec();
  if (layout.dim < 0) {
    return shape;
  }
  if (layout.per_sample == 1) {
    shape.erase(shape.begin() + layout.dim);
  } else {
    shape[layout.dim] = layout.per_sample;
  }
  return shape;
}

std::uint64_t word_offset(const BatchLayout& layout, at::IntArrayRef sizes, at::IntArrayRef strides,
                          std::int64_t row, std::uint64_t element) {
  const auto size_of = [&](std::int64_t d) {
    return d == layout.dim ? layout.per_sample : sizes[d];
  };
  const auto offset_of = [&](std::int64_t d, std::int64_t index) {
    if (d == layout.dim) {
      index = layout.inner ? index * layout.batch + row : row * layout.per_sample + index;
    }
    return static_cast<std::uint64_t>(index * strides[d]);
  };
  return peel(static_cast<std::int64_t>(sizes.size()), element, size_of, offset_of);
}

std::uint64_t word_offset(at::IntArrayRef sizes, at::IntArrayRef strides, std::uint64_t element) {
  return peel(
      static_cast<std::int64_t>(sizes.size()), element, [&](std::int64_t d) { return sizes[d]; },
      [&](std::int64_t d, std::int64_t index) {
        return static_cast<std::uint64_t>(index * strides[d]);
      });
}

at::Tensor by_sample(const at::Tensor& tensor, const BatchLayout& layout) {
  if (layout.dim < 0) {
    return tensor.unsqueeze(0);
  }
  at::Tensor split = tensor;
  std::int64_t samples_at = layout.dim;
  if (layout.per_sample != 1) {
    const auto parts = layout.inner ? std::array{layout.per_sample, layout.batch}
                                    : std::array{layout.batch, layout.per_sample};
    split = split.unflatten(layout.dim, parts);
    samples_at += layout.inner ? 1 : 0;
  }
  return split.movedim(samples_at, 0);
}

bool fits(const BatchLayout& layout, at::IntArrayRef sizes) {
  return layout.dim < 0 ||
         (static_cast<std::size_t>(layout.dim) < sizes.size() &&
          sizes[static_cast<std::size_t>(layout.dim)] == layout.batch * layout.per_sample);
}

at::Tensor rows(const at::Tensor& tensor, const BatchLayout& layout) {
  return by_sample(tensor, layout).contiguous().view({layout.batch, -1});
}

std::vector<BatchLayout> candidate_layouts(at::IntArrayRef sizes, std::int64_t batch) {
  std::vector<BatchLayout> candidates;
  if (batch == 1) {
    // Either way the whole tensor is the sample's; the usual batch dimension is no part of its
    // shape.
    candidates.push_back({.dim = !sizes.empty() && sizes[0] == 1 ? 0 : -1});
    return candidates;
  }
  // Exact matches before merged dimensions, outer before inner.
  for (int d = 0; d < static_cast<int>(sizes.size()); ++d) {
    if (sizes[d] == batch) {
      candidates.push_back({.dim = d, .batch = batch});
    }
  }
  for (const bool inner : {false, true}) {
    for (int d = 0; d < static_cast<int>(sizes.size()); ++d) {
      if (sizes[d] > batch && sizes[d] % batch == 0) {
        candidates.push_back(
            {.dim = d, .batch = batch, .per_sample = sizes[d] / batch, .inner = inner});
      }
    }
  }
  return candidates;
}

}  // namespace softbeam::execute
