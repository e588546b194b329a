// The planner: every window is computed once, in a tensor that holds it, whatever the choice.
#include "host/run/wave/conv_plan.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/run/wave/layer_fixture.h"

namespace softbeam::run {
namespace {

class Plan : public testing::TestWithParam<FormChoice> {
 protected:
  // Plans as the step does, proving as it goes, and compares every result.
  static void expect_all_computed(LayerFixture& fixture, ConvNode& node,
                                  std::array<std::size_t, form_kinds>& rows) {
    ConvPlanner planner;
    FloatBuffer buffer;
    FloatBuffer proof_buffer;
    ConvChunk chunk;
    ASSERT_TRUE(node.prepare(fixture.layer(), fixture.golden()));
    std::vector<std::uint32_t> left;
    for (std::uint32_t w = 0; w < fixture.windows().size(); ++w) {
      if (!fixture.windows()[w].outputs.empty()) left.push_back(w);
    }
    std::vector<std::size_t> computed(fixture.windows().size(), 0);
    const std::size_t all = left.size();
    while (!left.empty()) {
      const ConvPlan& plan =
          planner.plan(node, fixture.layer(), GetParam(), fixture.windows(), left);
      std::vector<std::uint32_t> again;
      for (const ConvPlan::Piece& piece : plan.pieces) {
        ASSERT_GT(piece.count, 0U);
        std::vector<ConvWindow> windows{fixture.windows()[plan.order[piece.first]]};
        windows[0].row = nullptr;
        for (std::uint32_t i = 0; i < piece.count; ++i) {
          windows.push_back(fixture.windows()[plan.order[piece.first + i]]);
        }
        if (!node.usable(fixture.layer(), piece.shape, fixture.golden(), proof_buffer)) {
          again.insert(again.end(), plan.order.begin() + piece.first,
                       plan.order.begin() + piece.first + piece.count);
          continue;
        }
        ASSERT_EQ(chunk.gather(fixture.layer(), piece.shape, windows, buffer), windows.size());
        chunk.call(fixture.layer());
        EXPECT_TRUE(
            chunk.equals(0, fixture.layer(), fixture.golden().outputs[plan.order[piece.first]]));
        for (std::uint32_t i = 0; i < piece.count; ++i) {
          const std::uint32_t w = plan.order[piece.first + i];
          EXPECT_TRUE(chunk.equals(i + 1, fixture.layer(), fixture.expected(w)));
          ++computed[w];
        }
        rows[static_cast<std::size_t>(piece.shape.form)] += piece.count;
      }
      for (const std::uint32_t w : plan.dense) ++computed[w];
      rows[static_cast<std::size_t>(Form::dense)] += plan.dense.size();
      left = again;
    }
    EXPECT_EQ(std::accumulate(computed.begin(), computed.end(), std::size_t{0}), all);
    EXPECT_LE(*std::max_element(computed.begin(), computed.end()), 1U);
  }
};

TEST_P(Plan, EveryWindowIsComputedOnceAndEqualsTheWholeImage) {
  for (const LayerCase& shape :
       {LayerCase{.name = "3x3", .size = {28, 28}},
        LayerCase{.name = "3x3 small", .in_channels = 64, .out_channels = 64, .size = {7, 7}},
        LayerCase{.name = "1x1",
        .in_channels = 32,
        .size = {20, 20},
        .kernel = {1, 1},
        .padding = {0, 0}},
        LayerCase{.name = "1x1 stride 2",
        .size = {14, 14},
        .kernel = {1, 1},
        .stride = {2, 2},
        .padding = {0, 0}}}) {
    SCOPED_TRACE(shape.name);
    LayerFixture fixture(shape, 400);
    ConvNode node(3, 0);
    std::array<std::size_t, form_kinds> rows{};
    expect_all_computed(fixture, node, rows);
    const std::size_t windows =
        rows[static_cast<std::size_t>(Form::crop)] + rows[static_cast<std::size_t>(Form::canvas)];
    if (GetParam() == FormChoice::dense) {
      EXPECT_EQ(windows, 0U);
    } else if (GetParam() == FormChoice::crop || GetParam() == FormChoice::canvas) {
      EXPECT_GT(windows, rows[static_cast<std::size_t>(Form::dense)]);
    }
  }
}

std::string name_of(const testing::TestParamInfo<FormChoice>& tested) {
  constexpr std::array names{"Fastest", "Own", "Crop", "Canvas", "Dense"};
  return names[static_cast<std::size_t>(tested.param)];
}
INSTANTIATE_TEST_SUITE_P(Choices, Plan,
                         testing::Values(FormChoice::fastest, FormChoice::crop, FormChoice::canvas,
                                         FormChoice::dense),
                         name_of);

TEST(SizeClass, HoldsEverySizeAndWastesLittle) {
  for (std::int32_t most : {1, 7, 56, 112, 300}) {
    for (std::int32_t size = 1; size <= most; ++size) {
      const std::int32_t held = size_class(size, most);
      EXPECT_GE(held, size);
      EXPECT_LE(held, most);
      EXPECT_LE(held, size + 1 + size / 5);
      EXPECT_EQ(size_class(held, most), held);
    }
  }
}

}  // namespace
}  // namespace softbeam::run
