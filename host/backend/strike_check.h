// Private to host/backend: refuses strikes that would miss the tensor or race with each other.
// Called first by every backend's corrupt().
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "injectors/corruption.h"

namespace softbeam::backend {

// Returns the bytes of one word: 1, 2, 4 or 8. Throws RunError for a tensor on another device,
// without memory, or of a type without stored words; for an offset outside its storage; and for two
// strikes on one word.
int check_strikes(const at::Tensor& tensor, at::Device device,
                  std::span<const injectors::Strike> strikes,
                  std::span<const injectors::Effect> effects);

}  // namespace softbeam::backend
