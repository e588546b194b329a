#include "cuda/conv/geometry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/conv/plan_key.h"

namespace softbeam::gpu {
namespace {

using injectors::DType;
using testing::HasSubstr;

ConvGeometry resnet_stem() {
  return {.batch = 16,
          .channels = 3,
          .image = {224, 200},
          .outputs = 64,
          .kernel = {7, 7},
          .stride = {2, 2},
          .padding = {3, 3}};
}

std::string refusal(const std::function<void(ConvGeometry&)>& change) {
  ConvGeometry geometry = resnet_stem();
  change(geometry);
  try {
    check(geometry);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing refused";
}

// Outputs by placing the kernel, one step after the other.
std::int64_t placed(std::int64_t image, std::int64_t padding, std::int64_t kernel,
                    std::int64_t stride, std::int64_t dilation) {
  std::int64_t count = 0;
  for (std::int64_t first = -padding; first + dilation * (kernel - 1) < image + padding;
       first += stride) {
    ++count;
  }
  return count;
}

TEST(ConvGeometry, OutputsAreThePlacesOfTheKernel) {
  for (std::int64_t image = 1; image <= 9; ++image) {
    for (std::int64_t padding = 0; padding <= 3; ++padding) {
      for (std::int64_t kernel = 1; kernel <= 4; ++kernel) {
        for (std::int64_t stride = 1; stride <= 3; ++stride) {
          for (std::int64_t dilation = 1; dilation <= 3; ++dilation) {
            const std::int64_t count = placed(image, padding, kernel, stride, dilation);
            ConvGeometry g;
            g.image = {image, 9};
            g.kernel = {kernel, 1};
            g.stride = {stride, 1};
            g.padding = {padding, 0};
            g.dilation = {dilation, 1};
            if (count == 0) {
              EXPECT_THROW(check(g), std::invalid_argument);
            } else {
              check(g);
              ASSERT_EQ(output_image(g), (Pair{count, 9})) << text(g);
            }
          }
        }
      }
    }
  }
}

TEST(ConvGeometry, CountsItsWords) {
  ConvGeometry g = resnet_stem();
  EXPECT_EQ(output_image(g), (Pair{112, 100}));
  EXPECT_EQ(input_words(g), 16 * 3 * 224 * 200);
  EXPECT_EQ(weight_words(g), 64 * 3 * 49);
  EXPECT_EQ(output_words(g), 16 * 64 * 112 * 100);
  g = {.channels = 8, .image = {5, 5}, .outputs = 12, .groups = 4, .kernel = {3, 3}};
  EXPECT_EQ(weight_words(g), 12 * 2 * 9);
}

TEST(ConvGeometry, ImpossibleNumbersAreNamedWithWhatWouldBeRight) {
  EXPECT_THAT(refusal([](auto& g) { g.dtype = DType::float64; }),
              AllOf(HasSubstr("float64"), HasSubstr("float32, float16 and bfloat16")));
  EXPECT_THAT(refusal([](auto& g) { g.batch = 0; }),
              AllOf(HasSubstr("the batch is 0"), HasSubstr("1 or more")));
  EXPECT_THAT(refusal([](auto& g) { g.stride.x = 0; }), HasSubstr("stride's width is 0"));
  EXPECT_THAT(refusal([](auto& g) { g.padding.y = -1; }), HasSubstr("padding's height is -1"));
  EXPECT_THAT(refusal([](auto& g) { g.dilation.y = 0; }), HasSubstr("dilation's height"));
  EXPECT_THAT(refusal([](auto& g) { g.groups = 2; }), HasSubstr("3 input channels in 2 groups"));
  EXPECT_THAT(refusal([](auto& g) {
                g.channels = 6;
                g.groups = 6;
              }),
              HasSubstr("64 output channels in 6 groups"));
  EXPECT_THAT(refusal([](auto& g) { g.dilation = {40, 40}; }), HasSubstr("241 pixels"));
  EXPECT_THAT(refusal([](auto& g) { g.batch = 20000; }), HasSubstr("the input has 2^31 words"));
  EXPECT_THAT(refusal([](auto& g) { g.outputs = std::int64_t{1} << 40; }), HasSubstr("below 2^31"));
  EXPECT_THAT(refusal([](auto& g) { g.dilation.y = std::int64_t{1} << 62; }),
              HasSubstr("below 2^31"));
  EXPECT_THAT(refusal([](auto& g) {
                g.outputs = (std::int64_t{1} << 20) - 1;
                g.padding = {(std::int64_t{1} << 31) - 1, (std::int64_t{1} << 31) - 1};
                g.stride = {1, 1};
              }),
              HasSubstr("the output has 2^31 words"));
}

TEST(ConvGeometry, IsDescribedInOneLine) {
  EXPECT_EQ(text(resnet_stem()), "float32 NCHW 16x3x224x200, 7x7 to 64, stride 2, padding 3");
  const ConvGeometry g{.dtype = DType::bfloat16,
                       .format = Format::channels_last,
                       .channels = 8,
                       .image = {5, 6},
                       .outputs = 8,
                       .groups = 8,
                       .kernel = {3, 1},
                       .stride = {1, 2}};
  EXPECT_EQ(text(g), "bfloat16 NHWC 1x8x5x6, 3x1 to 8, stride 1x2, groups 8");
}

TEST(ConvGeometry, StridesSayWhereChannelsStand) {
  ConvGeometry g = resnet_stem();
  EXPECT_EQ(input_layout(g), (TensorLayout{{16, 3, 224, 200}, {3 * 224 * 200, 224 * 200, 200, 1}}));
  EXPECT_EQ(weight_layout(g), (TensorLayout{{64, 3, 7, 7}, {147, 49, 7, 1}}));
  EXPECT_EQ(output_channels(g).inner, 112U * 100U);
  g.format = Format::channels_last;
  EXPECT_EQ(input_layout(g), (TensorLayout{{16, 3, 224, 200}, {3 * 224 * 200, 1, 600, 3}}));
  EXPECT_EQ(weight_layout(g), (TensorLayout{{64, 3, 7, 7}, {147, 1, 21, 3}}));
  EXPECT_EQ(output_layout(g), (TensorLayout{{16, 64, 112, 100}, {64 * 112 * 100, 1, 6400, 64}}));
  EXPECT_EQ(output_channels(g).inner, 1U);
  EXPECT_EQ(output_channels(g).count, 64U);
}

TEST(Alignment, IsThatOfTheAddressUpToSixteen) {
  alignas(32) const std::array<char, 64> memory{};
  const auto at = [&](std::size_t offset) {
    return alignment_of(memory.data() + offset, DType::float16);
  };
  EXPECT_EQ(at(0), 16);
  EXPECT_EQ(at(16), 16);
  EXPECT_EQ(at(8), 8);
  EXPECT_EQ(at(20), 4);
  EXPECT_EQ(at(18), 2);
  EXPECT_THROW(at(1), std::invalid_argument);
  EXPECT_THROW(alignment_of(nullptr, DType::float16), std::invalid_argument);
  EXPECT_THROW(alignment_of(memory.data() + 2, DType::float32), std::invalid_argument);
}

// Every field of a key that is changed alone makes another key.
TEST(PlanKey, DiffersWhereAnythingDiffers) {
  const PlanKey key{.geometry = resnet_stem(), .workspace_limit = 1 << 20};
  const std::vector<std::function<void(PlanKey&)>> changes = {
      [](PlanKey& k) { k.geometry.dtype = DType::float16; },
      [](PlanKey& k) { k.geometry.format = Format::channels_last; },
      [](PlanKey& k) { ++k.geometry.batch; },
      [](PlanKey& k) { ++k.geometry.channels; },
      [](PlanKey& k) { ++k.geometry.image.y; },
      [](PlanKey& k) { ++k.geometry.image.x; },
      [](PlanKey& k) { ++k.geometry.outputs; },
      [](PlanKey& k) { ++k.geometry.groups; },
      [](PlanKey& k) { ++k.geometry.kernel.y; },
      [](PlanKey& k) { ++k.geometry.kernel.x; },
      [](PlanKey& k) { ++k.geometry.stride.y; },
      [](PlanKey& k) { ++k.geometry.stride.x; },
      [](PlanKey& k) { ++k.geometry.padding.y; },
      [](PlanKey& k) { ++k.geometry.padding.x; },
      [](PlanKey& k) { ++k.geometry.dilation.y; },
      [](PlanKey& k) { ++k.geometry.dilation.x; },
      [](PlanKey& k) { k.alignments.input = 8; },
      [](PlanKey& k) { k.alignments.weight = 8; },
      [](PlanKey& k) { k.alignments.output = 8; },
      [](PlanKey& k) { k.tf32 = Tf32::on; },
      [](PlanKey& k) { ++k.workspace_limit; },
      [](PlanKey& k) { k.proved = true; }};
  EXPECT_EQ(PlanKeyHash{}(key), PlanKeyHash{}(PlanKey(key)));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    PlanKey other = key;
    changes[i](other);
    EXPECT_NE(other, key) << i;
    EXPECT_NE(PlanKeyHash{}(other), PlanKeyHash{}(key)) << i;
  }
}

}  // namespace
}  // namespace softbeam::gpu
