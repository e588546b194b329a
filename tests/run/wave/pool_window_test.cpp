// Pooling of windows equals the library's on whole images bit for bit, hostile values included, and
// a pooling that does not is found out.
#include "host/run/wave/pool_window.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/run/wave/pool_forms.h"
#include "host/run/wave/same_words.h"

namespace softbeam::run {
namespace {

using injectors::Axis;
using injectors::Rect;
using Kind = Pooling::Kind;

struct PoolCase {
  std::string name;
  Kind kind = Kind::max;
  std::int32_t kernel = 3;
  std::int32_t stride = 2;
  std::int32_t padding = 1;
  std::int32_t dilation = 1;
  bool ceiling = false;
  bool count_include_pad = true;
  std::int64_t divisor = 0;
};

void PrintTo(const PoolCase& pool, std::ostream* out) { *out << pool.name; }

class Pools : public testing::TestWithParam<PoolCase> {
 protected:
  static constexpr std::int32_t channels = 8;
  Pools() {
    const PoolCase& p = GetParam();
    pooling_ = {p.kind, {}, {}, p.count_include_pad, p.divisor};
    at::set_num_threads(1);
    at::manual_seed(3);
    input_ = at::randn({16, channels, 15, 12});
    // By the library's own words, not by way of our axes.
    output_ = p.kind == Kind::max
                  ? at::max_pool2d(input_, {p.kernel, p.kernel}, {p.stride, p.stride},
                                   {p.padding, p.padding}, {p.dilation, p.dilation}, p.ceiling)
                  : at::avg_pool2d(input_, {p.kernel, p.kernel}, {p.stride, p.stride},
                                   {p.padding, p.padding}, p.ceiling, p.count_include_pad,
                                   p.divisor == 0 ? std::nullopt : std::optional(p.divisor));
    const auto axis = [&](int dimension) {
      return Axis{p.kernel,
                  p.stride,
                  p.padding,
                  p.dilation,
                  static_cast<std::int32_t>(input_.size(dimension)),
                  static_cast<std::int32_t>(output_.size(dimension))};
    };
    pooling_.y = axis(2);
    pooling_.x = axis(3);
    for (std::int64_t i = 0; i < 16; ++i) {
      golden_.inputs.push_back(input_[i].const_data_ptr<float>());
      golden_.outputs.push_back(output_[i].const_data_ptr<float>());
    }
  }

  Pooling pooling_;
  at::Tensor input_;
  at::Tensor output_;
  GoldenImages golden_;
};

TEST_P(Pools, WindowsEqualTheLibrary) {
  PoolForms forms(1, 1);
  EXPECT_TRUE(forms.usable(0, pooling_, channels, "pool", golden_))
      << forms.switched_off().front().why;
}

TEST_P(Pools, ARowLaidOverGoldenEqualsTheWholeImage) {
  const Rect row_rect{{4, 7}, {5, 7}};
  const at::Tensor row = at::randn({channels, 3, 2});
  at::Tensor faulty = input_.clone();
  faulty[0].slice(1, 4, 7).slice(2, 5, 7).copy_(row);
  const at::Tensor expected = library_pooling()(pooling_, faulty);
  const Rect outputs{reached(pooling_.y, row_rect.y), reached(pooling_.x, row_rect.x)};
  std::vector<float> memory;
  const float* results = WindowPool(pooling_, channels)(
      {golden_.inputs[0], row.const_data_ptr<float>(), row_rect, outputs}, memory);
  EXPECT_TRUE(equals_image(results, outputs, {channels, pooling_.y.out, pooling_.x.out},
                           expected[0].const_data_ptr<float>()));
}

TEST_P(Pools, AnotherPoolingIsFoundOut) {
  PoolForms forms(1, 1, [](const Pooling& pooling, const at::Tensor& images) {
    return library_pooling()(pooling, images).nextafter(at::full({}, 1e30F));
  });
  for (std::int64_t i = 0; i < 16; ++i) {
    output_[i].copy_(output_[i].nextafter(at::full({}, 1e30F)));
  }
  EXPECT_FALSE(forms.usable(0, pooling_, channels, "max_pool2d at pool", golden_));
  ASSERT_THAT(forms.switched_off(), testing::SizeIs(1));
  EXPECT_EQ(forms.switched_off()[0].node, "max_pool2d at pool");
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Pools,
    testing::Values(PoolCase{.name = "Max"}, PoolCase{.name = "MaxCeiling", .ceiling = true},
                    PoolCase{.name = "MaxDilated", .dilation = 2},
                    PoolCase{.name = "MaxWithoutPadding", .kernel = 2, .padding = 0},
                    PoolCase{.name = "MaxWithGaps", .kernel = 1, .padding = 0},
                    PoolCase{.name = "Average", .kind = Kind::average},
                    PoolCase{.name = "AverageCeiling", .kind = Kind::average, .ceiling = true},
                    PoolCase{.name = "AverageOfTheInside",
                             .kind = Kind::average,
                             .ceiling = true,
                             .count_include_pad = false},
                    PoolCase{.name = "AverageWithDivisor", .kind = Kind::average, .divisor = 5}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace softbeam::run
