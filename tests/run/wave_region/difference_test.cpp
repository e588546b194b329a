// The bounding box of a difference against a loop over all words.
#include "host/run/wave/difference.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "injectors/difference.h"

namespace softbeam::run {
namespace {

using injectors::Rect;
using injectors::Span;

Rect brute_force(const std::vector<float>& row, const std::vector<float>& golden,
                 std::int32_t channels, std::int32_t height, std::int32_t width, const Rect& rect) {
  Rect box;
  for (std::int32_t c = 0; c < channels; ++c) {
    for (std::int32_t y = rect.y.first; y < rect.y.last; ++y) {
      for (std::int32_t x = rect.x.first; x < rect.x.last; ++x) {
        const std::int32_t inside =
            (c * rect.height() + y - rect.y.first) * rect.width() + x - rect.x.first;
        const std::int32_t whole = (c * height + y) * width + x;
        const float a = row.at(static_cast<std::size_t>(inside));
        const float b = golden.at(static_cast<std::size_t>(whole));
        if (std::bit_cast<std::uint32_t>(a) != std::bit_cast<std::uint32_t>(b)) {
          box = united(box, Rect{{y, y + 1}, {x, x + 1}});
        }
      }
    }
  }
  return box;
}

TEST(DifferenceBox, EqualsALoopOverAllWords) {
  std::mt19937 random(3);
  const auto below = [&](int n) {
    return static_cast<std::int32_t>(random() % static_cast<unsigned>(n));
  };
  for (int round = 0; round < 20000; ++round) {
    const std::int32_t channels = 1 + below(5);
    const std::int32_t height = 1 + below(round % 3 == 0 ? 3 : 20);
    const std::int32_t width = 1 + below(round % 2 == 0 ? 5 : 50);
    const std::int32_t h = 1 + below(height);
    const std::int32_t w = round % 5 == 0 ? width : 1 + below(width);
    const std::int32_t y = below(height - h + 1);
    const std::int32_t x = below(width - w + 1);
    const Rect rect{{y, y + h}, {x, x + w}};
    std::vector<float> golden(static_cast<std::size_t>(channels * height * width), 1.0F);
    std::vector<float> row(static_cast<std::size_t>(channels * h * w), 1.0F);
    const int flips = below(4) == 0 ? below(200) : below(4);
    for (int f = 0; f < flips; ++f) {
      row[random() % row.size()] = 2.0F;
    }
    const Rect box = difference_box(row.data(), w, h * w, golden.data() + y * width + x, width,
                                    height * width, channels, rect);
    ASSERT_EQ(box, brute_force(row, golden, channels, height, width, rect)) << "round " << round;
  }
}

TEST(DifferenceBox, ComparesBitsAndNotNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto differ = [](float a, float b) {
    return !difference_box(&a, 1, 1, &b, 1, 1, 1, {{4, 5}, {6, 7}}).empty();
  };
  EXPECT_TRUE(differ(0.0F, -0.0F));
  EXPECT_FALSE(differ(nan, nan));
  EXPECT_TRUE(differ(nan, -nan));
  EXPECT_TRUE(differ(nan, std::bit_cast<float>(std::bit_cast<std::uint32_t>(nan) + 1)));
  EXPECT_FALSE(
      differ(std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::denorm_min()));
}

TEST(DifferenceBox, LiesInTheImagesCoordinates) {
  const std::vector<float> golden(6 * 9, 0.0F);
  std::vector<float> row(3 * 4, 0.0F);
  row[1 * 4 + 2] = 1.0F;
  const Rect rect{{2, 5}, {5, 9}};
  EXPECT_EQ(difference_box(row.data(), 4, 12, golden.data() + 2 * 9 + 5, 9, 54, 1, rect),
            (Rect{{3, 4}, {7, 8}}));
}

TEST(Widened, ReadsOnlyWhatIsNotKnown) {
  const std::uint32_t golden[6] = {0, 0, 0, 0, 0, 0};
  const std::uint32_t row[6] = {0, 1, 0, 0, 1, 0};
  EXPECT_EQ(injectors::widened({}, row, golden, 6), (Span{1, 5}));
  EXPECT_EQ(injectors::widened({2, 3}, row, golden, 6), (Span{1, 5}));
  EXPECT_EQ(injectors::widened({0, 6}, row, golden, 6), (Span{0, 6}));
  EXPECT_EQ(injectors::widened({0, 2}, golden, golden, 6), (Span{0, 2}));
  EXPECT_EQ(injectors::widened({}, golden, golden, 6), Span{});
  EXPECT_EQ(injectors::widened({}, row + 3, golden + 3, 2), (Span{1, 2}));
}

}  // namespace
}  // namespace softbeam::run
