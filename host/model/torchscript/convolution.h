// Traces call every convolution `_convolution`; this says which of ATen's public operators it is.
// Private to torchscript/.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "host/model/torchscript/abstract.h"
#include "host/model/torchscript/state.h"

namespace softbeam::model::torchscript {

// conv1d, conv2d, conv3d or a transposed one.
struct Convolution {
  std::string name;  // "aten::conv2d"
  std::string overload;
  std::vector<Abstract> inputs;
};

// `target` with `inputs` as a public operator; nothing for other operators and unknown ranks.
std::optional<Convolution> public_convolution(std::string_view target,
                                              const std::vector<Abstract>& inputs,
                                              const State& state);

}  // namespace softbeam::model::torchscript
