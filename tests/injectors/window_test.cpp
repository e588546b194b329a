// The arithmetic of windows against brute force on small axes, and gathering against one pixel at a
// time.
#include "injectors/window.h"

#include <gtest/gtest.h>

#include <vector>

#include "injectors/gather.h"

namespace softbeam::injectors {
namespace {

// Every axis with a small kernel; `out` by the rule of convolution.
template <class Body>
void for_each_axis(const Body& body) {
  for (std::int32_t kernel = 1; kernel <= 4; ++kernel) {
    for (std::int32_t stride = 1; stride <= 3; ++stride) {
      for (std::int32_t padding = 0; padding <= 3; ++padding) {
        for (std::int32_t dilation = 1; dilation <= 3; ++dilation) {
          for (std::int32_t in = 1; in <= 9; ++in) {
            Axis axis{kernel, stride, padding, dilation, in, 1};
            if (in + 2 * padding < axis.reach()) continue;
            axis.out = (in + 2 * padding - axis.reach()) / stride + 1;
            body(axis);
          }
        }
      }
    }
  }
}

bool reads(const Axis& axis, std::int32_t output, std::int32_t input) {
  for (std::int32_t k = 0; k < axis.kernel; ++k) {
    if (output * axis.stride - axis.padding + k * axis.dilation == input) return true;
  }
  return false;
}

TEST(Window, ReachedOutputsAreThoseThatReadAChangedInput) {
  for_each_axis([](const Axis& axis) {
    for (std::int32_t first = 0; first < axis.in; ++first) {
      for (std::int32_t last = first + 1; last <= axis.in; ++last) {
        Span hull;
        for (std::int32_t o = 0; o < axis.out; ++o) {
          for (std::int32_t i = first; i < last; ++i) {
            if (reads(axis, o, i)) hull = united(hull, Span{o, o + 1});
          }
        }
        const Span computed = reached(axis, {first, last});
        ASSERT_EQ(united(computed, hull), computed);
        // With gaps between the inputs read, the span may hold outputs that read none of them.
        if (axis.dilation == 1 && axis.stride <= axis.kernel) {
          ASSERT_EQ(computed, hull);
        }
      }
    }
    ASSERT_TRUE(reached(axis, {}).empty());
  });
}

TEST(Window, NeededInputsAreTheHullOfThoseRead) {
  for_each_axis([](const Axis& axis) {
    for (std::int32_t first = 0; first < axis.out; ++first) {
      for (std::int32_t last = first + 1; last <= axis.out; ++last) {
        Span hull;
        for (std::int32_t o = first; o < last; ++o) {
          for (std::int32_t i = -4; i < axis.in + 20; ++i) {
            if (reads(axis, o, i)) hull = united(hull, Span{i, i + 1});
          }
        }
        ASSERT_EQ(needed(axis, {first, last}), hull);
      }
    }
  });
}

TEST(Window, AnEmptyRectChangesNoUnion) {
  const Rect rect{{1, 3}, {2, 5}};
  EXPECT_EQ(united(rect, Rect{}), rect);
  EXPECT_EQ(united(Rect{}, rect), rect);
  EXPECT_TRUE(intersected(rect, Rect{{3, 4}, {2, 5}}).empty());
  EXPECT_EQ(intersected(rect, Rect{{0, 2}, {4, 9}}), (Rect{{1, 2}, {4, 5}}));
}

TEST(Gather, EveryLineIsFillGoldenAndRowOneOverTheOther) {
  constexpr std::int32_t channels = 2;
  constexpr std::int32_t height = 4;
  constexpr std::int32_t width = 3;
  std::vector<float> golden(channels * height * width);
  for (std::size_t i = 0; i < golden.size(); ++i) golden[i] = static_cast<float>(i);
  const Rect row_rect{{1, 3}, {1, 3}};
  const std::vector<float> row{-1, -2, -3, -4, -5, -6, -7, -8};
  for (std::int32_t y0 = -2; y0 <= height; ++y0) {
    for (std::int32_t x0 = -2; x0 <= width; ++x0) {
      for (const float* laid : {row.data(), static_cast<const float*>(nullptr)}) {
        const Rect rect{{y0, y0 + 5}, {x0, x0 + 4}};
        std::vector<float> to(channels * 5 * 6 + 1, 77.0F);
        const Window window{.rect = rect,
                            .golden = golden.data(),
                            .height = height,
                            .width = width,
                            .row_rect = row_rect,
                            .row = laid,
                            .fill = -9.0F,
                            .to = to.data(),
                            .to_line = 6,
                            .to_plane = 30};
        for (std::int32_t c = 0; c < channels; ++c) {
          for (std::int32_t y = 0; y < 5; ++y) {
            gather_line(window, c, y);
            for (std::int32_t x = 0; x < 4; ++x) {
              ASSERT_EQ(to[static_cast<std::size_t>(c * 30 + y * 6 + x)],
                        value_at(window, c, y0 + y, x0 + x));
            }
          }
        }
        EXPECT_EQ(to[4], 77.0F) << "behind the line";
      }
    }
  }
}

}  // namespace
}  // namespace softbeam::injectors
