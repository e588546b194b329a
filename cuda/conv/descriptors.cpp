#include "cuda/conv/descriptors.h"

namespace softbeam::gpu {
namespace {

cudnnDataType_t cudnn_type(injectors::DType dtype) {
  switch (dtype) {
    case injectors::DType::float16:
      return CUDNN_DATA_HALF;
    case injectors::DType::bfloat16:
      return CUDNN_DATA_BFLOAT16;
    default:
      return CUDNN_DATA_FLOAT;  // check() lets nothing else through
  }
}

}  // namespace

cudnn_frontend::Tensor describe_tensor(std::int64_t id, const TensorLayout& layout, int alignment,
                                       injectors::DType dtype) {
  return cudnn_frontend::TensorBuilder()
      .setDim(4, layout.sizes.data())
      .setStride(4, layout.strides.data())
      .setId(id)
      .setAlignment(alignment)
      .setDataType(cudnn_type(dtype))
      .build();
}

cudnn_frontend::ConvDesc_v8 describe_convolution(const ConvGeometry& g) {
  const std::int64_t padding[] = {g.padding.y, g.padding.x};
  const std::int64_t stride[] = {g.stride.y, g.stride.x};
  const std::int64_t dilation[] = {g.dilation.y, g.dilation.x};
  // Sums are float32's whatever the words are. Groups follow from the tensors' channels.
  return cudnn_frontend::ConvDescBuilder_v8()
      .setComputeType(CUDNN_DATA_FLOAT)
      .setMathMode(CUDNN_CROSS_CORRELATION)
      .setSpatialDimCount(2)
      .setSpatialStride(2, stride)
      .setPrePadding(2, padding)
      .setPostPadding(2, padding)
      .setDilation(2, dilation)
      .build();
}

cudnn_frontend::Operation describe_operation(const PlanKey& key) {
  const ConvGeometry& g = key.geometry;
  return cudnn_frontend::OperationBuilder(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
      .setxDesc(describe_tensor(input_id, input_layout(g), key.alignments.input, g.dtype))
      .setwDesc(describe_tensor(weight_id, weight_layout(g), key.alignments.weight, g.dtype))
      .setyDesc(describe_tensor(output_id, output_layout(g), key.alignments.output, g.dtype))
      .setcDesc(describe_convolution(g))
      .setAlpha(1.0F)
      .setBeta(0.0F)
      .build();
}

}  // namespace softbeam::gpu
