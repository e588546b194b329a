// Where the samples of a batch lie inside a tensor, and how one sample's elements are addressed.
// Proved by prove.h; used by run to strike and by compare to cut rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace softbeam::execute {

// Dimension `dim` holds batch * per_sample entries. Outer: sample r owns the entries
// [r * per_sample, (r + 1) * per_sample); inner: the entries k * batch + r.
// dim = -1: the tensor belongs to one sample as a whole (batch 1).
struct BatchLayout {
  int dim = 0;
  std::int64_t batch = 1;
  std::int64_t per_sample = 1;
  bool inner = false;
  friend bool operator==(const BatchLayout&, const BatchLayout&) = default;
};

// Shape of one sample: the batch dimension removed, or left with `per_sample` entries if that is
// more than one.
std::vector<std::int64_t> sample_shape(const BatchLayout& layout, at::IntArrayRef sizes);

// True if a tensor of these sizes can hold its samples in this way.
bool fits(const BatchLayout& layout, at::IntArrayRef sizes);

// Offset, in words from data_ptr(), of element `element` (row-major in sample_shape) of sample
// `row`. Precondition: the layout fits the tensor.
std::uint64_t word_offset(const BatchLayout& layout, at::IntArrayRef sizes, at::IntArrayRef strides,
                          std::int64_t row, std::uint64_t element);

// Offset of a logical row-major index of a tensor without a batch (a parameter).
std::uint64_t word_offset(at::IntArrayRef sizes, at::IntArrayRef strides, std::uint64_t element);

// All samples as a view [batch, shape of one sample...].
at::Tensor by_sample(const at::Tensor& tensor, const BatchLayout& layout);

// All samples as a contiguous tensor [batch, elements of one sample]; copies unless it already is.
at::Tensor rows(const at::Tensor& tensor, const BatchLayout& layout);

// Layouts that the sizes allow for this batch, the most usual first (dimension 0, outer).
std::vector<BatchLayout> candidate_layouts(at::IntArrayRef sizes, std::int64_t batch);

}  // namespace softbeam::execute
