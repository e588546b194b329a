// The inputs that a test model was run on in Python, and the answers of eager PyTorch.
// Used by tests of readers and executors.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace softbeam::support {

struct Reference {
  at::Tensor input;
  std::vector<at::Tensor> outputs;
};

// Reads FOLDER/NAME.reference.npz as tools/prepare_test_models.py writes it.
Reference read_reference(const std::string& folder, const std::string& name);

// Equal type, shape and bits, whatever the strides: NaN equals the same NaN, 0.0 is not -0.0.
bool same_bits(const at::Tensor& left, const at::Tensor& right);

}  // namespace softbeam::support
