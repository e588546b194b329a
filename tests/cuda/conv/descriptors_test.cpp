// cuDNN's own descriptors, made without a GPU: cuDNN checks their numbers when they are finished.
#include "cuda/conv/descriptors.h"

#include <gtest/gtest.h>

#include <array>

namespace softbeam::gpu {
namespace {

using injectors::DType;

const PlanKey key{.geometry = {.batch = 4,
                               .channels = 8,
                               .image = {15, 12},
                               .outputs = 12,
                               .groups = 4,
                               .kernel = {3, 5},
                               .stride = {2, 1},
                               .padding = {1, 2},
                               .dilation = {1, 2}}};

TEST(Descriptors, ATensorHasTheGeometrysSizesAndStrides) {
  for (const Format format : {Format::channels_first, Format::channels_last}) {
    for (const DType dtype : {DType::float32, DType::float16, DType::bfloat16}) {
      ConvGeometry g = key.geometry;
      g.format = format;
      const TensorLayout layout = input_layout(g);
      const cudnn_frontend::Tensor tensor = describe_tensor(input_id, layout, 16, dtype);
      ASSERT_EQ(tensor.getDimCount(), 4);
      for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(tensor.getDim()[i], layout.sizes[static_cast<std::size_t>(i)]);
        EXPECT_EQ(tensor.getStride()[i], layout.strides[static_cast<std::size_t>(i)]);
      }
      EXPECT_EQ(tensor.getId(), input_id);
      EXPECT_EQ(tensor.getAlignment(), 16);
    }
  }
}

TEST(Descriptors, AConvolutionHasAnOperation) {
  EXPECT_NO_THROW(describe_convolution(key.geometry));
  EXPECT_NO_THROW(describe_operation(key));
}

TEST(Descriptors, CudnnAgreesOnTheSizeOfTheOutput) {
  ConvGeometry g = key.geometry;
  const auto operation = [&](const TensorLayout& output) {
    return cudnn_frontend::OperationBuilder(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
        .setxDesc(describe_tensor(input_id, input_layout(g), 16, g.dtype))
        .setwDesc(describe_tensor(weight_id, weight_layout(g), 16, g.dtype))
        .setyDesc(describe_tensor(output_id, output, 16, g.dtype))
        .setcDesc(describe_convolution(g))
        .build();
  };
  EXPECT_NO_THROW(operation(output_layout(g)));
  for (std::size_t axis = 0; axis < 4; ++axis) {
    TensorLayout wrong = output_layout(g);
    ++wrong.sizes[axis];
    EXPECT_THROW(operation(wrong), cudnn_frontend::cudnnException) << axis;
  }
}

}  // namespace
}  // namespace softbeam::gpu
