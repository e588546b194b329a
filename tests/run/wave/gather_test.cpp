// Gathering on the CPU equals the line by line body, at every place and width.
#include "host/run/wave/gather.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace softbeam::run {
namespace {

using injectors::Rect;
using injectors::Window;

TEST(GatherWindow, EqualsTheBodyLineByLine) {
  constexpr std::int32_t channels = 3;
  constexpr std::int32_t height = 5;
  constexpr std::int32_t width = 24;
  std::vector<float> golden(channels * height * width);
  std::iota(golden.begin(), golden.end(), 1.0F);
  std::vector<float> row(golden.size());
  std::iota(row.begin(), row.end(), 10000.0F);
  for (const Rect& row_rect :
       {Rect{{0, 5}, {0, 24}}, Rect{{1, 3}, {4, 5}}, Rect{{2, 5}, {3, 23}}}) {
    for (std::int32_t wide = 1; wide <= 26; ++wide) {
      for (std::int32_t x0 = -3; x0 < width + 2; ++x0) {
        for (std::int32_t y0 = -2; y0 <= height; ++y0) {
          for (const float* laid :
               {static_cast<const float*>(row.data()), static_cast<const float*>(nullptr)}) {
            const std::ptrdiff_t line = wide + y0 + 2;  // tight and loose
            std::vector<float> to(static_cast<std::size_t>(channels * (4 * line + 1)), -1.0F);
            std::vector<float> expected = to;
            Window window{.rect = {{y0, y0 + 4}, {x0, x0 + wide}},
                          .golden = golden.data(),
                          .height = height,
                          .width = width,
                          .row_rect = row_rect,
                          .row = laid,
                          .fill = -5.0F,
                          .to = to.data(),
                          .to_line = line,
                          .to_plane = 4 * line + 1};
            gather_window(window, channels);
            window.to = expected.data();
            for (std::int32_t c = 0; c < channels; ++c) {
              for (std::int32_t y = 0; y < 4; ++y) injectors::gather_line(window, c, y);
            }
            ASSERT_EQ(to, expected);
          }
        }
      }
    }
  }
}

TEST(GatherPixels, TakesEveryStrideth) {
  std::vector<float> golden(2 * 5 * 5);
  std::iota(golden.begin(), golden.end(), 0.0F);
  const std::vector<float> row{-1.0F, -2.0F};
  std::vector<float> to(2 * 4, 0.0F);
  gather_pixels({.rect = {{2, 5}, {0, 3}},
                 .golden = golden.data(),
                 .height = 5,
                 .width = 5,
                 .row_rect = {{2, 3}, {2, 3}},
                 .row = row.data(),
                 .to = to.data(),
                 .to_line = 2,
                 .to_plane = 4},
                2, 2, 2, 2, 2);
  EXPECT_EQ(to, (std::vector<float>{10, -1, 20, 22, 35, -2, 45, 47}));
}

}  // namespace
}  // namespace softbeam::run
