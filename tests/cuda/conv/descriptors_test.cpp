// cuDNN's own descriptors, made without a GPU: cuDNN checks their numbers when they are finished.
#include "cuda/conv/descriptors.h"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "tests/injectors/sampled.h"

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

// What check() lets through cuDNN describes; it counts the outputs itself.
TEST(Descriptors, EveryGeometryThatPassesTheCheckHasAnOperation) {
  auto generator = tests::printed_generator();
  const auto draw = [&](std::int64_t first, std::int64_t last) {
    return std::uniform_int_distribution<std::int64_t>(first, last)(generator);
  };
  int possible = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t groups = draw(1, 4);
    PlanKey drawn;
    drawn.geometry = {.dtype = i % 2 == 0 ? DType::float32 : DType::bfloat16,
                      .format = i % 3 == 0 ? Format::channels_last : Format::channels_first,
                      .batch = draw(1, 40),
                      .channels = groups * draw(1, 9),
                      .image = {draw(1, 30), draw(1, 30)},
                      .outputs = groups * draw(1, 9),
                      .groups = groups,
                      .kernel = {draw(1, 7), draw(1, 7)},
                      .stride = {draw(1, 3), draw(1, 3)},
                      .padding = {draw(0, 4), draw(0, 4)},
                      .dilation = {draw(1, 3), draw(1, 3)}};
    try {
      check(drawn.geometry);
    } catch (const std::invalid_argument&) {
      continue;
    }
    ++possible;
    ASSERT_NO_THROW(describe_operation(drawn)) << text(drawn.geometry);
  }
  EXPECT_GT(possible, 500);
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
