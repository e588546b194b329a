// cuDNN's descriptors of a convolution, made from plain geometry.
// Private to cuda/conv: it shows types of cudnn-frontend. Making them needs no GPU.
#pragma once

#include <cudnn_frontend.h>

#include <cstdint>

#include "cuda/conv/plan_key.h"

namespace softbeam::gpu {

// Names of the tensors in a plan.
inline constexpr std::int64_t input_id = 'x';
inline constexpr std::int64_t weight_id = 'w';
inline constexpr std::int64_t output_id = 'y';

// Throw cudnn_frontend::cudnnException.
cudnn_frontend::Tensor describe_tensor(std::int64_t id, const TensorLayout& layout, int alignment,
                                       injectors::DType dtype);
cudnn_frontend::ConvDesc_v8 describe_convolution(const ConvGeometry& geometry);
cudnn_frontend::Operation describe_operation(const PlanKey& key);

}  // namespace softbeam::gpu
