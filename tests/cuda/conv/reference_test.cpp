// The oracle itself, on cases that are worked out by hand.
#include "tests/cuda/conv/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace softbeam::gpu {
namespace {

using testing::ElementsAre;

TEST(ConvReference, SumsTheNeighboursOfEachPixel) {
  ConvGeometry g{.image = {2, 3}, .kernel = {3, 3}, .padding = {1, 1}};
  EXPECT_THAT(convolve(g, {1, 2, 3, 4, 5, 6}, {1, 1, 1, 1, 1, 1, 1, 1, 1}).sums,
              ElementsAre(12, 21, 16, 12, 21, 16));
  // No flip of the kernel: its right column meets the right neighbours.
  EXPECT_THAT(convolve(g, {1, 2, 3, 4, 5, 6}, {0, 0, 0, 0, 0, 1, 0, 0, 0}).sums,
              ElementsAre(2, 3, 0, 5, 6, 0));
}

TEST(ConvReference, GroupsSeeTheirOwnChannels) {
  ConvGeometry g{.channels = 4, .outputs = 2, .groups = 2};
  EXPECT_THAT(convolve(g, {1, 2, 3, 4}, {10, 100, 1000, 10000}).sums, ElementsAre(210, 43000));
  g.format = Format::channels_last;
  EXPECT_THAT(convolve(g, {1, 2, 3, 4}, {10, 100, 1000, 10000}).sums, ElementsAre(210, 43000));
}

TEST(ConvReference, ChannelsLastIsTheSameNumbersInAnotherOrder) {
  // Two channels of 1x2 pixels: (1, 2) and (3, 4); weights 1 and 10.
  ConvGeometry g{.channels = 2, .image = {1, 2}};
  EXPECT_THAT(convolve(g, {1, 2, 3, 4}, {1, 10}).sums, ElementsAre(31, 42));
  g.format = Format::channels_last;
  EXPECT_THAT(convolve(g, {1, 3, 2, 4}, {1, 10}).sums, ElementsAre(31, 42));
}

TEST(ConvReference, EverySmallGeometryIsPossible) {
  for (const ConvGeometry& g : small_geometries()) EXPECT_NO_THROW(check(g)) << text(g);
}

}  // namespace
}  // namespace softbeam::gpu
