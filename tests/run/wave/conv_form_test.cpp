// Forms of convolution: windows equal the library's whole images bit for bit, hostile values
// included, and a form that does not is found out.
#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "host/run/wave/conv_forms.h"
#include "host/run/wave/own/chunk.h"
#include "host/run/wave/same_words.h"
#include "tests/run/wave/layer_fixture.h"

namespace softbeam::run {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const std::vector<LayerCase> cases{
    {.name = "3x3"},
    {.name = "3x3 with bias, 48 channels", .in_channels = 48, .out_channels = 64, .bias = true},
    {.name = "3x3 stride 2", .in_channels = 32, .out_channels = 48, .stride = {2, 2}},
    {.name = "3x3 stride 2 of odd size", .size = {15, 11}, .stride = {2, 2}},
    {.name = "5x5 dilation 2", .kernel = {5, 5}, .padding = {4, 4}, .dilation = {2, 2}},
    {.name = "5x5 from 3 channels", .in_channels = 3, .kernel = {5, 5}, .padding = {2, 2}},
    {.name = "7x7 stride 2",
     .in_channels = 3,
     .out_channels = 64,
     .size = {28, 28},
     .kernel = {7, 7},
     .stride = {2, 2},
     .padding = {3, 3}},
    {.name = "groups", .in_channels = 32, .out_channels = 32, .groups = 4},
    {.name = "depthwise", .in_channels = 32, .out_channels = 32, .groups = 32, .bias = true},
    {.name = "depthwise stride 2",
     .in_channels = 32,
     .out_channels = 32,
     .stride = {2, 2},
     .groups = 32},
    {.name = "1x3, wide image",
     .size = {6, 20},
     .kernel = {1, 3},
     .stride = {1, 2},
     .padding = {0, 1}},
    {.name = "no padding", .kernel = {3, 3}, .padding = {0, 0}},
    {.name = "padding of one side", .kernel = {4, 4}, .padding = {1, 1}, .extra_behind = 1},
};

class Forms : public testing::TestWithParam<LayerCase> {
 protected:
  // All windows of the shape's packing that fit, against the faulty whole images.
  static void expect_exact(LayerFixture& fixture, const ConvShape& shape) {
    SCOPED_TRACE(describe(shape));
    FloatBuffer buffer;
    std::vector<ConvWindow> windows;
    std::vector<std::size_t> trials;
    for (std::size_t t = 0; t < fixture.windows().size(); ++t) {
      const injectors::Rect& outputs = fixture.windows()[t].outputs;
      if (!outputs.empty() &&
          (shape.packing == Packing::pixels ||
           (outputs.height() <= shape.height && outputs.width() <= shape.width))) {
        windows.push_back(fixture.windows()[t]);
        trials.push_back(t);
      }
    }
    ConvChunk chunk;
    std::size_t done = 0;
    while (done < windows.size()) {
      const std::size_t laid = chunk.gather(
          fixture.layer(), shape, std::span<const ConvWindow>(windows).subspan(done), buffer);
      ASSERT_GT(laid, 0U);
      chunk.call(fixture.layer());
      for (std::size_t i = 0; i < laid; ++i) {
        EXPECT_TRUE(chunk.equals(i, fixture.layer(), fixture.expected(trials[done + i])));
      }
      done += laid;
    }
  }
};

// Without AVX-512 the library's dilated convolutions round by the place in the image.
bool exact_everywhere(const LayerCase& layer) {
  return layer.dilation == std::array<std::int32_t, 2>{1, 1} ||
         at::get_cpu_capability() == "AVX512";
}

TEST_P(Forms, CropsEqualWholeImages) {
  LayerFixture fixture(GetParam(), 48);
  ConvNode node(3, 0);
  FloatBuffer buffer;
  ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
  for (const std::int32_t batch : {2, 4, 16}) {
    for (const auto& [height, width] : {std::pair{3, 3}, {2, 5}, {7, 4}, {8, 8}}) {
      const ConvShape shape{Form::crop, Packing::images, batch, height, width};
      const bool usable = node.usable(fixture.layer(), shape, fixture.golden(), buffer);
      EXPECT_TRUE(usable || !exact_everywhere(GetParam()));
      if (usable) expect_exact(fixture, shape);
    }
  }
  std::vector<SwitchedOff> off;
  node.list(off);
  if (exact_everywhere(GetParam())) {
    EXPECT_THAT(off, SizeIs(0)) << off.front().why;
  }
}

TEST_P(Forms, CanvasesEqualWholeImages) {
  LayerFixture fixture(GetParam(), 48);
  ConvNode node(3, 0);
  FloatBuffer buffer;
  ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
  std::size_t tried = 0;
  for (const std::int32_t batch : {2, 4}) {
    for (const auto& [height, width] : {std::pair{1, 1}, {2, 3}, {4, 2}}) {
      const ConvShape shape{Form::canvas, Packing::cells, batch, height, width};
      if (ConvLayout(fixture.layer().geometry, shape).capacity(height, width) > 0) {
        ++tried;
        const bool usable = node.usable(fixture.layer(), shape, fixture.golden(), buffer);
        EXPECT_TRUE(usable || !exact_everywhere(GetParam()));
        if (usable) expect_exact(fixture, shape);
      }
    }
  }
  EXPECT_GT(tried, 0U);
}

// Every window of the trials, in one call or several.
void expect_own_exact(const LayerFixture& fixture, const OwnLayer& own) {
  std::vector<ConvWindow> windows;
  std::vector<std::size_t> trials;
  for (std::size_t t = 0; t < fixture.windows().size(); ++t) {
    if (!fixture.windows()[t].outputs.empty()) {
      windows.push_back(fixture.windows()[t]);
      trials.push_back(t);
    }
  }
  ASSERT_GT(windows.size(), 20U);
  const Convolution& g = own.geometry();
  OwnChunk chunk;
  std::size_t done = 0;
  while (done < windows.size()) {
    const std::size_t laid = chunk.gather(own, std::span<const ConvWindow>(windows).subspan(done));
    ASSERT_GT(laid, 0U);
    chunk.call(own);
    for (std::size_t i = 0; i < laid; ++i) {
      const injectors::Rect& outputs = windows[done + i].outputs;
      const float* result = chunk.result(own, i);
      for (std::int32_t c = 0; c < g.out_channels; ++c) {
        for (std::int32_t y = outputs.y.first; y < outputs.y.last; ++y) {
          for (std::int32_t x = outputs.x.first; x < outputs.x.last; ++x, ++result) {
            ASSERT_TRUE(same_word(
                *result, fixture.expected(trials[done + i])[(c * g.y.out + y) * g.x.out + x]))
                << "window " << done + i << ", channel " << c << " at " << y << ", " << x;
          }
        }
      }
    }
    done += laid;
  }
}

TEST_P(Forms, OurOwnKernelEqualsWholeImages) {
  LayerFixture fixture(GetParam(), 48);
  ConvNode node(3, 0);
  ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
  if (node.own() == nullptr) {
    std::vector<SwitchedOff> off;
    node.list(off);
    GTEST_SKIP() << (off.empty() ? "this processor has no AVX2" : off.front().why);
  }
  expect_own_exact(fixture, *node.own());
}

TEST_P(Forms, OutputsThatNoRowReachesAreGoldens) {
  LayerFixture fixture(GetParam(), 48);
  for (std::size_t t = 0; t < fixture.windows().size(); ++t) {
    const injectors::Rect& reach = fixture.windows()[t].outputs;
    at::Tensor differs = fixture.faulty_output()[static_cast<std::int64_t>(t)].ne(
        fixture.golden_output()[static_cast<std::int64_t>(t)]);
    if (!reach.empty()) {
      differs.slice(1, reach.y.first, reach.y.last)
          .slice(2, reach.x.first, reach.x.last)
          .fill_(false);
    }
    EXPECT_FALSE(differs.any().item<bool>());
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, Forms, testing::ValuesIn(cases), [](const auto& tested) {
  std::string name = tested.param.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

class Pixels : public Forms {};

TEST_P(Pixels, CanvasesOfPixelsEqualWholeImages) {
  LayerFixture fixture(GetParam(), 48);
  ConvNode node(3, 0);
  FloatBuffer buffer;
  ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
  const Convolution& geometry = fixture.layer().geometry;
  std::size_t proved = 0;
  for (const std::int32_t batch : {2, 4, 16}) {
    const ConvShape shape{Form::canvas, Packing::pixels, batch, geometry.y.out, geometry.x.out};
    if (node.usable(fixture.layer(), shape, fixture.golden(), buffer)) {
      ++proved;
      expect_exact(fixture, shape);
    }
  }
  EXPECT_GT(proved, 0U);
}

TEST_P(Pixels, OurOwnKernelEqualsWholeImages) {
  LayerFixture fixture(GetParam(), 48);
  ConvNode node(3, 0);
  ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
  if (node.own() == nullptr) GTEST_SKIP() << "no own kernel is exact here";
  expect_own_exact(fixture, *node.own());
}

INSTANTIATE_TEST_SUITE_P(
    Layers, Pixels,
    testing::Values(LayerCase{.name = "plain", .kernel = {1, 1}, .padding = {0, 0}},
                    LayerCase{.name = "wide",
                              .in_channels = 256,
                              .out_channels = 64,
                              .kernel = {1, 1},
                              .padding = {0, 0}},
                    LayerCase{.name = "stride2",
                              .in_channels = 64,
                              .out_channels = 128,
                              .size = {28, 28},
                              .kernel = {1, 1},
                              .stride = {2, 2},
                              .padding = {0, 0},
                              .bias = true},
                    LayerCase{.name = "padded", .kernel = {1, 1}, .padding = {1, 1}}),
    [](const auto& tested) { return tested.param.name; });

// Wrong by one unit in the last place wherever the input is smaller than the layer's own.
Convolve wrong_on_crops(std::int64_t height) {
  return [height](const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias,
                  at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation,
                  std::int64_t groups) {
    at::Tensor output = at::conv2d(input, weight, bias, stride, padding, dilation, groups);
    if (input.size(2) != height) {
      float& word = output.data_ptr<float>()[output.numel() - 1];
      word = std::nextafter(word, 2 * word);
    }
    return output;
  };
}

TEST(Proof, AShapeThatDiffersInOneWordIsSwitchedOffAndListed) {
  LayerFixture fixture({.name = "conv2d at conv1"});
  ConvolutionForms forms(1, 3, wrong_on_crops(14));
  fixture.layer().convolve = forms.convolve();
  ConvNode& node = forms.node(0);
  FloatBuffer buffer;
  ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
  const ConvShape crop{Form::crop, Packing::images, 4, 3, 3};
  const ConvShape canvas{Form::canvas, Packing::cells, 4, 3, 3};
  EXPECT_FALSE(node.usable(fixture.layer(), crop, fixture.golden(), buffer));
  EXPECT_FALSE(node.cost(fixture.layer(), crop));
  EXPECT_TRUE(node.usable(fixture.layer(), canvas, fixture.golden(), buffer));
  const std::vector<SwitchedOff> off = forms.switched_off();
  ASSERT_THAT(off, SizeIs(1));
  EXPECT_EQ(off[0].node, "conv2d at conv1");
  EXPECT_EQ(off[0].form, Form::crop);
  EXPECT_THAT(off[0].shape, HasSubstr("4 images of 3x3"));
  EXPECT_THAT(off[0].why, HasSubstr("windows differ"));
}

// The orders of oneDNN's AVX-512 kernels are all known: a layer without an own kernel there is a
// probe that fails.
TEST(Proof, WithAvx512EveryLayerHasAnOwnKernel) {
  if (instruction_set() != InstructionSet::avx512) GTEST_SKIP() << "this processor has no AVX-512";
  for (const LayerCase& layer : cases) {
    LayerFixture fixture(layer);
    ConvNode node(3, 0);
    ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
    EXPECT_NE(node.own(), nullptr) << layer.name;
  }
}

TEST(Proof, AnOwnKernelThatDiffersInOneWordIsSwitchedOffAndListed) {
  if (!instruction_set()) GTEST_SKIP() << "this processor has no AVX2";
  LayerFixture fixture({.name = "conv2d at conv1"});
  // A library that errs in one word of every image, golden's and the proofs' alike.
  fixture.layer().convolve = [](const at::Tensor& input, const at::Tensor& weight,
                                const at::Tensor& bias, at::IntArrayRef stride,
                                at::IntArrayRef padding, at::IntArrayRef dilation,
                                std::int64_t groups) {
    at::Tensor output = at::conv2d(input, weight, bias, stride, padding, dilation, groups);
    output.select(1, 3).select(1, 5).select(1, 5).mul_(1.0001);
    return output;
  };
  const at::Tensor outputs = fixture.layer().whole(fixture.input()).contiguous();
  GoldenImages golden = fixture.golden();
  for (std::int64_t i = 0; i < 16; ++i) {
    golden.outputs[static_cast<std::size_t>(i)] = outputs[i].const_data_ptr<float>();
  }
  ConvNode node(3, 0);
  ASSERT_TRUE(node.prepare(fixture.layer(), golden));
  EXPECT_EQ(node.own(), nullptr);
  std::vector<SwitchedOff> off;
  node.list(off);
  ASSERT_THAT(off, SizeIs(1));
  EXPECT_EQ(off[0].form, Form::own);
}

TEST(Proof, WithoutGoldenOnWholeImagesThereAreNoForms) {
  LayerFixture fixture({.name = "conv2d at conv1"});
  ConvolutionForms forms(1, 3, wrong_on_crops(15));
  fixture.layer().convolve = forms.convolve();
  EXPECT_FALSE(forms.node(0).prepare(fixture.layer(), fixture.golden()));
  ASSERT_THAT(forms.switched_off(), SizeIs(1));
  EXPECT_EQ(forms.switched_off()[0].shape, "all");
}

TEST(Proof, WeightsThatAreNotFiniteLeaveDenseRowsAlone) {
  LayerFixture fixture({.name = "conv2d at conv1"});
  fixture.layer().geometry.finite = false;
  ConvNode node(3, 0);
  EXPECT_FALSE(node.prepare(fixture.layer(), fixture.golden()));
}

TEST(Proof, ABiasOfNegativeZeroLeavesDenseRowsAlone) {
  LayerFixture fixture({.name = "conv2d at conv1", .bias = true});
  ConvNode finite(3, 0);
  ASSERT_TRUE(finite.prepare(fixture.layer(), fixture.golden()));
  fixture.layer().bias[3] = -0.0F;
  ConvNode node(3, 0);
  EXPECT_FALSE(node.prepare(fixture.layer(), fixture.golden()));
  std::vector<SwitchedOff> off;
  node.list(off);
  ASSERT_THAT(off, SizeIs(1));
  EXPECT_THAT(off[0].why, HasSubstr("-0.0"));
}

// The fact behind it: zeros in a halo are not the library's padding once a weight is infinite.
TEST(Proof, AnInfiniteWeightThatNobodyNoticedFailsTheProof) {
  LayerFixture fixture({.name = "conv2d at conv1"});
  at::Tensor weight = fixture.layer().weight.clone();
  weight[3][2][0][0] = std::numeric_limits<float>::infinity();
  fixture.layer().weight = weight;
  const at::Tensor output = fixture.layer().whole(
      at::from_blob(const_cast<float*>(fixture.golden().inputs[0]), {16, 16, 14, 14}, at::kFloat));
  GoldenImages golden = fixture.golden();
  for (std::int64_t i = 0; i < 16; ++i) {
    golden.outputs[static_cast<std::size_t>(i)] = output[i].const_data_ptr<float>();
  }
  ConvNode node(3, 0);
  FloatBuffer buffer;
  ASSERT_TRUE(node.prepare(fixture.layer(), golden));
  EXPECT_FALSE(
      node.usable(fixture.layer(), {Form::crop, Packing::images, 16, 3, 3}, golden, buffer));
}

// One large bias hides the order in which golden is added up, but not that of large rows.
TEST(Proof, ALargeBiasHidesNoOtherOrderOfAdditions) {
  LayerFixture fixture({.name = "1x1",
                        .out_channels = 2,
                        .size = {11, 11},
                        .kernel = {1, 1},
                        .padding = {0, 0},
                        .bias = true},
                       16);
  fixture.layer().bias.fill_(1e8);
  const at::Tensor golden_output = fixture.layer().whole(fixture.input()).contiguous();
  const at::Tensor large = fixture.input() * 1e8;
  const at::Tensor expected = fixture.layer().whole(large).contiguous();
  GoldenImages golden = fixture.golden();
  for (std::int64_t i = 0; i < 16; ++i) {
    golden.outputs[static_cast<std::size_t>(i)] = golden_output[i].const_data_ptr<float>();
  }
  ConvNode node(3, 0);
  FloatBuffer buffer;
  ASSERT_TRUE(node.prepare(fixture.layer(), golden));
  for (const std::int32_t batch : {2, 4, 16}) {
    for (const std::int32_t side : {8, 11}) {
      const ConvShape shape{side == 11 ? Form::canvas : Form::crop, Packing::pixels, batch, side,
                            side};
      if (!node.usable(fixture.layer(), shape, golden, buffer)) {
        continue;
      }
      ConvChunk chunk;
      const std::vector<ConvWindow> windows(
          2, {.golden = large[1].const_data_ptr<float>(), .outputs = {{2, 9}, {3, 9}}});
      ASSERT_EQ(chunk.gather(fixture.layer(), shape, windows, buffer), 2U);
      chunk.call(fixture.layer());
      EXPECT_TRUE(chunk.equals(1, fixture.layer(), expected[1].const_data_ptr<float>()))
          << describe(shape);
    }
  }
}

// The sentinel: a window without a row, compared with golden behind every call.
TEST(Chunk, ACleanWindowShowsALibraryThatErrs) {
  LayerFixture fixture({.name = "3x3"});
  FloatBuffer buffer;
  ConvChunk chunk;
  const ConvShape shape{Form::crop, Packing::images, 2, 3, 3};
  const std::vector<ConvWindow> windows{
      {.golden = fixture.golden().inputs[0], .outputs = {{4, 7}, {5, 8}}}, fixture.windows()[1]};
  chunk.gather(fixture.layer(), shape, windows, buffer);
  chunk.call(fixture.layer());
  EXPECT_TRUE(chunk.equals(0, fixture.layer(), fixture.golden().outputs[0]));
  fixture.layer().convolve = [](const at::Tensor& input, const at::Tensor& weight,
                                const at::Tensor& bias, at::IntArrayRef stride,
                                at::IntArrayRef padding, at::IntArrayRef dilation,
                                std::int64_t groups) {
    return at::conv2d(input, weight, bias, stride, padding, dilation, groups).add_(1e-6);
  };
  chunk.call(fixture.layer());
  EXPECT_FALSE(chunk.equals(0, fixture.layer(), fixture.golden().outputs[0]));
}

}  // namespace
}  // namespace softbeam::run
