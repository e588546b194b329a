// Which nodes join one region: the rules on graphs made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/run/wave_region/made_graph.h"

namespace softbeam::run::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FindRegions, AChainBehindAConvolutionIsOneRegion) {
  GraphMaker maker({4, 3, 8, 8});
  const auto conv = maker.conv("conv", maker.input, 3, 8);
  const auto norm = maker.batch_norm("bn", conv, 8);
  const auto relu = maker.call("relu", "relu", {norm});
  const auto next = maker.conv("next", relu, 8, 4);
  const Made made(maker.finish({next}), at::randn({4, 3, 8, 8}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_THAT(made.names(regions[0].nodes), ElementsAre("bn", "relu"));
  EXPECT_THAT(made.exported(regions[0]), ElementsAre("relu"));
  EXPECT_EQ(regions[0].externals, 1U);
  EXPECT_EQ(made.name(regions[0].operands[0]), "conv");
  ASSERT_EQ(regions[0].passes.size(), 1U);
  EXPECT_EQ(regions[0].passes[0].count, 2U);
  EXPECT_FALSE(regions[0].dead_ends);
  EXPECT_EQ(made.prove(regions[0]), "");
}

TEST(FindRegions, AResidualBlockWithDownsampleJoinsTheLatestBranch) {
  GraphMaker maker({4, 4, 8, 8});
  const auto stem = maker.call("relu_", "stem", {maker.conv("conv0", maker.input, 4, 4)});
  const auto one = maker.call("relu_", "relu1",
                              {maker.batch_norm("bn1", maker.conv("conv1", stem, 4, 8, 3, 2), 8)});
  const auto two = maker.batch_norm("bn2", maker.conv("conv2", one, 8, 8), 8);
  const auto down = maker.batch_norm("bnd", maker.conv("convd", stem, 4, 8, 1, 2), 8);
  const auto sum = maker.call("add_.Tensor", "sum", {two, down});
  const auto out = maker.call("relu_", "out", {sum});
  const Made made(maker.finish({maker.conv("last", out, 8, 2)}), at::randn({4, 4, 8, 8}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 4U);
  EXPECT_THAT(made.names(regions[0].nodes), ElementsAre("stem"));
  EXPECT_THAT(made.names(regions[1].nodes), ElementsAre("bn1", "relu1"));
  EXPECT_THAT(made.names(regions[2].nodes), ElementsAre("bn2"));
  EXPECT_THAT(made.names(regions[3].nodes), ElementsAre("bnd", "sum", "out"));
  EXPECT_THAT(made.exported(regions[2]), ElementsAre("bn2"));
  EXPECT_THAT(made.exported(regions[3]), ElementsAre("out"));
  ASSERT_EQ(regions[3].passes.size(), 1U) << "all three in one pass";
  for (const Region& region : regions) {
    EXPECT_EQ(made.prove(region), "");
  }
}

TEST(FindRegions, ANodeWithALaterInputStaysOut) {
  GraphMaker maker({4, 4, 6, 6});
  const auto relu = maker.call("relu", "relu", {maker.conv("a", maker.input, 4, 4)});
  const auto later = maker.conv("b", relu, 4, 4);
  const auto sum = maker.call("add.Tensor", "sum", {relu, later});
  const Made made(maker.finish({sum}), at::randn({4, 4, 6, 6}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_THAT(made.names(regions[0].nodes), ElementsAre("relu"));
  EXPECT_THAT(made.names(regions[1].nodes), ElementsAre("sum"));
  EXPECT_EQ(regions[1].externals, 2U);
}

TEST(FindRegions, WhatIsReadOutsideIsExported) {
  GraphMaker maker({4, 4, 6, 6});
  const auto norm = maker.batch_norm("bn", maker.conv("a", maker.input, 4, 4), 4);
  const auto relu = maker.call("relu", "relu", {norm});
  const auto sum = maker.call("add.Tensor", "sum", {relu, norm});
  const auto b = maker.conv("b", norm, 4, 4);
  const Made made(maker.finish({b, sum, relu}), at::randn({4, 4, 6, 6}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_THAT(made.exported(regions[0]), ElementsAre("bn", "relu", "sum"));
  EXPECT_EQ(regions[0].passes.size(), 3U) << "every value is seen by others";
  EXPECT_EQ(made.prove(regions[0]), "");
}

TEST(FindRegions, AnInPlaceOperatorsReadersReadItsResult) {
  GraphMaker maker({4, 4, 6, 6});
  const auto a = maker.conv("a", maker.input, 4, 4);
  maker.call("relu_", "relu", {a});
  // Reads the old name, which has new content.
  const auto sum = maker.call("add.Scalar", "sum", {a, 1.5});
  const Made made(maker.finish({sum}), at::randn({4, 4, 6, 6}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_THAT(made.names(regions[0].nodes), ElementsAre("relu", "sum"));
  EXPECT_EQ(made.name(regions[0].operands[regions[0].stages[1].inputs[0]]), "relu");
  EXPECT_EQ(made.prove(regions[0]), "");
}

TEST(FindRegions, ConcatenationAndScalarsJoin) {
  GraphMaker maker({16, 4, 6, 6});
  const auto a = maker.conv("a", maker.input, 4, 3);
  const auto b = maker.conv("b", maker.input, 4, 5);
  const auto cat = maker.call("cat", "cat", {std::vector{a, b, a}, 1});
  const auto norm = maker.batch_norm("bn", cat, 11);
  const auto scaled = maker.call("mul.Scalar", "mul", {norm, 0.7});
  const auto silu = maker.call("silu", "silu", {scaled});
  const Made made(maker.finish({silu}), at::randn({16, 4, 6, 6}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_THAT(made.names(regions[0].nodes), ElementsAre("cat", "bn", "mul", "silu"));
  EXPECT_EQ(regions[0].externals, 2U);
  EXPECT_THAT(regions[0].channels, ElementsAre(3, 5, 11, 11, 11, 11));
  EXPECT_EQ(made.prove(regions[0]), "");
}

TEST(FindRegions, PiecesOfAListOfWholeRowsJoin) {
  GraphMaker maker({1, 12});
  const auto relu = maker.call("relu", "relu", {maker.input});
  const auto list = maker.call("chunk", "chunk", {relu, 3, 1});
  const auto pieces = maker.unpack(list, "chunk", 3);
  const auto cat = maker.call("cat", "cat", {std::vector{pieces[2], pieces[0], pieces[1]}, -1});
  const auto part = maker.call("slice.Tensor", "part", {cat, 1, -5, none(), 1});
  const Made made(maker.finish({part}), at::randn({1, 12}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), made.values[made.value("relu").value].contiguous ? 1U : 0U);
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].stages.size(), 6U);
  EXPECT_EQ(regions[0].nodes.size(), 5U);
  EXPECT_EQ(made.prove(regions[0]), "");
}

TEST(FindRegions, WholeRowsHaveTheirOwnRegions) {
  GraphMaker maker({4, 3, 2, 2});
  const auto relu = maker.call("relu", "relu", {maker.input});
  const auto flat = maker.call("flatten.using_ints", "flat", {relu, 1});
  const auto norm = maker.batch_norm("bn", flat, 12);
  const auto act = maker.call("hardtanh", "act", {norm, -1.5, 0.5});
  const auto drop = maker.call("dropout", "drop", {act, 0.5, false});
  const Made made(maker.finish({drop}), at::randn({4, 3, 2, 2}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_THAT(made.names(regions[1].nodes), ElementsAre("bn", "act", "drop"));
  EXPECT_EQ(regions[1].height, 1);
  for (const Region& region : regions) {
    EXPECT_EQ(made.prove(region), "");
  }
}

TEST(FindRegions, EverySpellingOfBatchNormIsKnown) {
  GraphMaker maker({4, 3, 4, 4});
  const auto m = maker.stored("m", at::randn({3}));
  const auto v = maker.stored("v", at::rand({3}) + 0.5);
  const auto w = maker.stored("w", at::randn({3}));
  const auto b = maker.stored("b", at::randn({3}));
  auto x = maker.call("native_batch_norm", "native", {maker.input, w, b, m, v, false, 0.1, 1e-3});
  x = maker.call("_native_batch_norm_legit_no_training", "legit", {x, w, b, m, v, 0.1, 1e-5});
  x = maker.call("batch_norm", "bare", {x, none(), none(), m, v, false, 0.1, 1e-5, true});
  const Made made(maker.finish({x}), at::randn({4, 3, 4, 4}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  ASSERT_EQ(regions[0].stages.size(), 3U);
  for (const Stage& stage : regions[0].stages) {
    EXPECT_EQ(stage.kind, StageKind::batch_norm);
  }
  EXPECT_EQ(made.prove(regions[0]), "");
}

TEST(FindRegions, BroadcastsAndOtherShapesStayOut) {
  GraphMaker maker({4, 16, 4, 4});
  const auto pooled =
      maker.call("mean.dim", "pool", {maker.input, std::vector<std::int64_t>{2, 3}, true});
  const auto gate = maker.call("sigmoid", "gate", {pooled});
  const auto scaled = maker.call("mul.Tensor", "scaled", {maker.input, gate});
  const auto weight = maker.stored("w", at::randn({16, 1, 1}));
  const auto affine = maker.call("mul.Tensor", "affine", {scaled, weight});
  const auto soft = maker.call("softmax.int", "soft", {affine, 1});
  const Made made(maker.finish({soft}), at::randn({4, 16, 4, 4}));
  const auto regions = made.regions();
  ASSERT_EQ(regions.size(), 1U);
  EXPECT_THAT(made.names(regions[0].nodes), ElementsAre("gate"));
}

TEST(FindRegions, SeparateNodesStayOut) {
  GraphMaker maker({4, 3, 4, 4});
  const auto a = maker.call("relu", "a", {maker.input});
  const auto b = maker.call("tanh", "b", {a});
  const auto c = maker.call("relu", "c", {b});
  const Made made(maker.finish({c}), at::randn({4, 3, 4, 4}));
  EXPECT_EQ(made.regions().size(), 1U);
  Separate separate{std::vector<bool>(made.graph->nodes.size(), false)};
  separate.nodes[1] = true;
  const auto regions = made.regions(separate);
  ASSERT_EQ(regions.size(), 2U);
  EXPECT_THAT(made.names(regions[0].nodes), ElementsAre("a"));
  EXPECT_THAT(made.names(regions[1].nodes), ElementsAre("c"));
  separate.nodes.assign(separate.nodes.size(), true);
  EXPECT_THAT(made.regions(separate), IsEmpty());
}

}  // namespace
}  // namespace softbeam::run::testing
