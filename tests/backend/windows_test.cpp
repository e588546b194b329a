// One specification of Backend::lay and Backend::compare, instantiated for each device.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/devices.h"

namespace softbeam::backend {
namespace {

using injectors::ComparedWindow;
using injectors::LaidWindow;
using injectors::Planes;
using injectors::Rect;

class Windows : public support::OnDevice {
 protected:
  at::Tensor on_device(const at::Tensor& host) const { return host.to(backend_->device()); }
  static std::uint32_t* words(const at::Tensor& tensor) {
    return static_cast<std::uint32_t*>(tensor.mutable_data_ptr());
  }
  static Planes planes(const at::Tensor& images, std::int64_t image) {
    return {words(images) + image * images.stride(0), images.stride(2), images.stride(1)};
  }
};

at::Tensor random_images(std::int64_t count, std::int64_t channels, std::int64_t height,
                         std::int64_t width) {
  return at::randint(-0x7fffffff, 0x7fffffff, {count, channels, height, width}, at::kInt);
}

TEST_P(Windows, AreLaidAsSlicesOfTheImageWithTheRowOverIt) {
  at::manual_seed(1);
  constexpr std::int64_t count = 700;  // more than a block of windows
  const at::Tensor golden = random_images(count, 5, 9, 8);
  const at::Tensor rows = random_images(count, 5, 3, 2);
  at::Tensor expected = at::constant_pad_nd(golden, {2, 2, 2, 2}, 77);
  expected.slice(2, 2 + 4, 2 + 7).slice(3, 2 + 1, 2 + 3).copy_(rows);
  const at::Tensor g = on_device(golden);
  const at::Tensor r = on_device(rows);
  const at::Tensor to = on_device(at::zeros_like(expected));
  std::vector<LaidWindow> windows;
  for (std::int64_t i = 0; i < count; ++i) {
    windows.push_back({.to = planes(to, i),
                       .lines = 13,
                       .columns = 12,
                       .first_y = -2,
                       .first_x = -2,
                       .golden = planes(g, i),
                       .height = 9,
                       .width = 8,
                       .row = words(r) + i * rows.stride(0),
                       .row_rect = {{4, 7}, {1, 3}},
                       .fill = 77});
  }
  backend_->lay(windows, 5);
  EXPECT_TRUE(at::equal(to.cpu(), expected));
}

TEST_P(Windows, LaidOneAfterTheOtherDoNotMeetInTheStaging) {
  at::manual_seed(2);
  constexpr std::int64_t count = 300;
  const at::Tensor golden = random_images(count, 1, 4, 4);
  const at::Tensor g = on_device(golden);
  const at::Tensor to = on_device(at::zeros_like(golden));
  for (std::int64_t i = 0; i < count; ++i) {
    const LaidWindow window{.to = planes(to, i),
                            .lines = 4,
                            .columns = 4,
                            .golden = planes(g, count - 1 - i),
                            .height = 4,
                            .width = 4};
    backend_->lay(std::span(&window, 1), 1);
  }
  EXPECT_TRUE(at::equal(to.cpu(), golden.flip(0)));
}

TEST_P(Windows, DifferInTheSmallestRectangleOfAllChannels) {
  at::manual_seed(3);
  constexpr std::int64_t count = 400;
  const at::Tensor golden = random_images(count, 6, 20, 17);
  at::Tensor rows = golden.clone();
  std::vector<Rect> expected(count);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t k = 0; k < i % 4; ++k) {  // every fourth differs nowhere
      const auto c = at::randint(6, {1}).item<std::int64_t>();
      const auto y = at::randint(20, {1}).item<std::int32_t>();
      const auto x = at::randint(17, {1}).item<std::int32_t>();
      rows[i][c][y][x] = golden[i][c][y][x].bitwise_xor(1);
      expected[static_cast<std::size_t>(i)] =
          united(expected[static_cast<std::size_t>(i)], {{y, y + 1}, {x, x + 1}});
    }
  }
  const at::Tensor g = on_device(golden);
  const at::Tensor r = on_device(rows);
  std::vector<ComparedWindow> windows;
  for (std::int64_t i = 0; i < count; ++i) {
    windows.push_back({planes(r, i), planes(g, i), 20, 17});
  }
  std::vector<Rect> boxes(count, Rect{{1, 2}, {3, 4}});
  backend_->compare(windows, 6, boxes);
  for (std::size_t i = 0; i < count; ++i) {
    if (expected[i].empty()) {
      EXPECT_TRUE(boxes[i].empty()) << i;
    } else {
      EXPECT_EQ(boxes[i], expected[i]) << i;
    }
  }
}

TEST_P(Windows, OfLargeImagesAreComparedToTheLastWord) {
  const at::Tensor golden = at::zeros({1, 64, 112, 112}, at::kInt);
  at::Tensor rows = golden.clone();
  rows[0][63][111][111] = 1;
  const at::Tensor g = on_device(golden);
  const at::Tensor r = on_device(rows);
  const ComparedWindow window{planes(r, 0), planes(g, 0), 112, 112};
  Rect box;
  backend_->compare(std::span(&window, 1), 64, std::span(&box, 1));
  EXPECT_EQ(box, (Rect{{111, 112}, {111, 112}}));
}

TEST_P(Windows, NoneAreNoWork) {
  backend_->lay({}, 3);
  backend_->compare({}, 3, {});
}

INSTANTIATE_ON_DEVICES(Windows);

}  // namespace
}  // namespace softbeam::backend
