// Copies of tensors that keep their exact geometry, so that the same kernels run on them.
#pragma once

#include <ATen/core/Tensor.h>

namespace softbeam::execute {

// The same sizes, strides and offset over a clone of the whole storage.
at::Tensor with_own_storage(const at::Tensor& tensor);

// The same view over another storage of the same size.
at::Tensor on_storage(const at::Tensor& tensor, const c10::Storage& storage);

// A clone of the storage's bytes on `device`.
c10::Storage clone_storage(const at::Tensor& tensor, at::Device device);

// True if several logical elements share one word (expanded tensors, unfolded windows), or if that
// cannot be ruled out by the strides.
bool overlaps_itself(const at::Tensor& tensor);

}  // namespace softbeam::execute
