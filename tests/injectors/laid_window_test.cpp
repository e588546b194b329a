// Laying and comparing of windows against loops that index nested arrays.
#include "injectors/laid_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace softbeam::injectors {
namespace {

using Words = std::vector<std::uint32_t>;

constexpr std::int32_t channels = 3;
constexpr std::int32_t height = 5;
constexpr std::int32_t width = 7;

// Words that a float would change on its way: signalling NaN, signed zeros, denormals.
Words hostile_words(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  constexpr std::uint32_t special[] = {0x7fa00001, 0xffc00000, 0x80000000, 0x00000001, 0x7f800000};
  Words words(count);
  for (std::size_t i = 0; i < count; ++i) {
    words[i] = i % 3 == 0 ? special[random() % 5] : static_cast<std::uint32_t>(random());
  }
  return words;
}

// Pixel of a trial's image: row, golden, or fill.
std::uint32_t expected(const Words& golden, const Words& row, const Rect& rect, std::uint32_t fill,
                       std::int32_t c, std::int32_t y, std::int32_t x) {
  const bool in_row = y >= rect.y.first && y < rect.y.last && x >= rect.x.first && x < rect.x.last;
  if (in_row) {
    const std::int32_t h = rect.y.last - rect.y.first;
    const std::int32_t w = rect.x.last - rect.x.first;
    const std::int32_t i = (c * h + y - rect.y.first) * w + x - rect.x.first;
    return row[static_cast<std::size_t>(i)];
  }
  if (y < 0 || x < 0 || y >= height || x >= width) return fill;
  const std::int32_t i = (c * height + y) * width + x;
  return golden[static_cast<std::size_t>(i)];
}

TEST(LaidWindow, ShowsTheRowOverGoldenAndFillOutside) {
  Words golden = hostile_words(channels * height * width, 1);
  const Rect rect{{1, 3}, {2, 6}};
  const Words row = hostile_words(channels * 2 * 4, 2);
  for (const std::int32_t step : {1, 2}) {
    for (std::int32_t first_y = -3; first_y <= 4; ++first_y) {
      for (std::int32_t first_x = -3; first_x <= 6; ++first_x) {
        constexpr std::int32_t lines = 4;
        constexpr std::int32_t columns = 3;
        // Lines and planes lie apart, with words between them that must stay.
        constexpr std::int64_t line = columns + 2;
        constexpr std::int64_t plane = lines * line + 5;
        Words to(static_cast<std::size_t>(channels * plane), 0xdeadbeef);
        const LaidWindow window{.to = {to.data(), line, plane},
                                .lines = lines,
                                .columns = columns,
                                .first_y = first_y,
                                .first_x = first_x,
                                .step_y = step,
                                .step_x = step,
                                .golden = {golden.data(), width, height * width},
                                .height = height,
                                .width = width,
                                .row = row.data(),
                                .row_rect = rect,
                                .fill = 0xff800000};
        for (std::int64_t i = 0; i < channels * lines * columns; ++i) lay_word(window, i);
        std::size_t untouched = to.size();
        for (std::int32_t c = 0; c < channels; ++c) {
          for (std::int32_t y = 0; y < lines; ++y) {
            for (std::int32_t x = 0; x < columns; ++x) {
              ASSERT_EQ(to[static_cast<std::size_t>(c * plane + y * line + x)],
                        expected(golden, row, rect, 0xff800000, c, first_y + y * step,
                                 first_x + x * step));
              --untouched;
            }
          }
        }
        ASSERT_EQ(static_cast<std::size_t>(std::count(to.begin(), to.end(), 0xdeadbeef)),
                  untouched);
      }
    }
  }
}

TEST(LaidWindow, WithoutARowItIsGoldens) {
  Words golden = hostile_words(channels * height * width, 3);
  Words to(golden.size());
  const LaidWindow window{.to = {to.data(), width, height * width},
                          .lines = height,
                          .columns = width,
                          .golden = {golden.data(), width, height * width},
                          .height = height,
                          .width = width};
  for (std::size_t i = 0; i < to.size(); ++i) lay_word(window, static_cast<std::int64_t>(i));
  EXPECT_EQ(to, golden);
}

TEST(ComparedWindow, TellsWordsApartThatFloatsHoldEqual) {
  Words row{0x00000000, 0x7fc00000, 0x3f800000};
  Words golden{0x80000000, 0x7fc00000, 0x3f800000};
  const ComparedWindow window{{row.data(), 3, 3}, {golden.data(), 3, 3}, 1, 3};
  EXPECT_TRUE(differs_at(window, 0, 0, 0));   // -0.0 == 0.0
  EXPECT_FALSE(differs_at(window, 0, 0, 1));  // NaN != NaN
  EXPECT_FALSE(differs_at(window, 0, 0, 2));
}

}  // namespace
}  // namespace softbeam::injectors
