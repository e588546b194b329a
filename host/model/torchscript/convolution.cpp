#include "host/model/torchscript/convolution.h"

namespace softbeam::model::torchscript {

namespace {

// Number of spatial dimensions.
std::optional<std::size_t> dimensions(const Abstract& weight, const Abstract& stride,
                                      const State& state) {
  std::size_t count = 0;
  const ValueId* id = runtime(weight);
  if (const at::Tensor* tensor = id == nullptr ? nullptr : state.tensor(*id)) {
    count = static_cast<std::size_t>(tensor->dim()) - 2;
  } else if (const auto strides = as_sequence(stride)) {
    count = strides->items.size();
  }
  return count >= 1 && count <= 3 ? std::optional(count) : std::nullopt;
}

}  // namespace

std::optional<Convolution> public_convolution(std::string_view target,
                                              const std::vector<Abstract>& inputs,
                                              const State& state) {
  const bool mode = target == "aten::_convolution_mode";
  if (!mode && target != "aten::_convolution" && target != "aten::convolution") {
    return std::nullopt;
  }
  const auto count = dimensions(inputs[1], inputs[3], state);
  if (!count) {
    return std::nullopt;
  }
  const std::string suffix = std::to_string(*count) + "d";
  if (mode) {
    return Convolution{"aten::conv" + suffix, "padding", inputs};
  }
  const auto transposed = known(inputs[6]);
  if (!transposed) {
    return std::nullopt;
  }
  // The flags behind `groups` (benchmark, deterministic, cuDNN, TF32) are the settings of the
  // machine that traced the model; those of the campaign count.
  if (transposed->toBool()) {
    return Convolution{
        "aten::conv_transpose" + suffix,
        *count == 1 ? "" : "input",
        {inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[7], inputs[8], inputs[5]}};
  }
  return Convolution{"aten::conv" + suffix,
                     "",
                     {inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5], inputs[8]}};
}

}  // namespace softbeam::model::torchscript
