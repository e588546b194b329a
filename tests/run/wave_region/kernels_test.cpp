// The loops of regions against ATen's operators, on words of every kind.
#include "host/run/wave/region_kernels.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace softbeam::run {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Any bits, every other word of a kind that breaks shortcuts.
at::Tensor hostile(const std::vector<std::int64_t>& sizes, unsigned seed) {
  static const std::uint32_t words[] = {
      0x00000000, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7FC01234,
      0x7F800001, 0xFF812345, 0x00000001, 0x80000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF,
      0xFF7FFFFF, 0x3F800000, 0xBF800000, 0x40C00000, 0x40C00001, 0x40BFFFFF, 0x7E967699};
  std::mt19937 random(seed);
  at::Tensor tensor = at::empty(sizes, at::kFloat);
  auto* data = tensor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const std::uint32_t draw = random();
    switch (draw % 4) {
      case 0:
        data[i] = std::bit_cast<float>(words[(draw >> 8) % std::size(words)]);
        break;
      case 1:
        data[i] = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        break;
      default:
        data[i] = static_cast<float>(static_cast<std::int32_t>(random())) * 4e-9F;
    }
  }
  return tensor;
}

// `words` of `ours` and of the library's contiguous result.
void expect_equal(const float* ours, const at::Tensor& library, const std::string& what) {
  const auto* theirs = library.const_data_ptr<float>();
  for (std::int64_t i = 0; i < library.numel(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(ours[i]), std::bit_cast<std::uint32_t>(theirs[i]))
        << what << " at " << i << " of " << library.numel();
  }
}

class Kernels : public ::testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(1); }

  // Runs the chain and checks that nothing behind the result is touched.
  static std::vector<float> run(Chain chain) {
    const auto words = static_cast<std::size_t>(chain.channels * chain.area);
    std::vector<float> y(words + 1, 42.0F);
    chain.y = y.data();
    run_chain(chain);
    EXPECT_EQ(y.back(), 42.0F);
    return y;
  }
};

const std::vector<std::pair<std::int64_t, std::int64_t>> sizes{{1, 1},   {6, 1},  {64, 1},  {3, 2},
                                                               {64, 4},  {5, 6},  {16, 8},  {7, 9},
                                                               {64, 15}, {3, 49}, {32, 169}};

TEST_F(Kernels, BatchNormEqualsTheLibrary) {
  for (const auto& [channels, area] : sizes) {
    const at::Tensor x = hostile({2, channels, area, 1}, 1);
    const at::Tensor w = at::randn({channels});
    const at::Tensor b = at::randn({channels});
    const at::Tensor mean = at::randn({channels});
    const at::Tensor variance = at::rand({channels}) * 3;
    for (const bool affine : {true, false}) {
      const at::Tensor expected =
          at::batch_norm(x, affine ? w : at::Tensor(), affine ? b : at::Tensor(), mean, variance,
                         false, 0.1, 1e-5, false);
      std::vector<float> scale;
      std::vector<float> shift;
      for (std::int64_t c = 0; c < channels; ++c) {
        const float inverse = 1.0F / std::sqrt(variance.const_data_ptr<float>()[c] + 1e-5F);
        scale.push_back(inverse * (affine ? w.const_data_ptr<float>()[c] : 1.0F));
        shift.push_back(std::fma(-mean.const_data_ptr<float>()[c], scale.back(),
                                 affine ? b.const_data_ptr<float>()[c] : 0.0F));
      }
      for (std::int64_t sample = 0; sample < 2; ++sample) {
        const auto y = run({.x = x[sample].const_data_ptr<float>(),
                            .scale = scale.data(),
                            .shift = shift.data(),
                            .channels = static_cast<std::int32_t>(channels),
                            .area = area});
        expect_equal(y.data(), expected[sample], "batch norm");
      }
    }
  }
}

TEST_F(Kernels, BoundsEqualTheLibrary) {
  for (const std::int64_t count : {1, 5, 31, 32, 33, 64, 1000}) {
    const at::Tensor x = hostile({count}, 2);
    const auto bounded = [&](float low, float high) {
      return run({.x = x.const_data_ptr<float>(),
                  .bounded = true,
                  .low = low,
                  .high = high,
                  .channels = 1,
                  .area = count});
    };
    expect_equal(bounded(0.0F, infinity).data(), at::relu(x), "relu");
    expect_equal(bounded(0.0F, 6.0F).data(), at::hardtanh(x, 0, 6), "relu6");
    expect_equal(bounded(-1.0F, 1.0F).data(), at::hardtanh(x), "hardtanh");
    expect_equal(bounded(-0.0F, 2.0F).data(), at::clamp(x, -0.0, 2.0), "clamp from -0.0");
    expect_equal(bounded(-infinity, 0.0F).data(), at::clamp_max(x, 0.0), "clamp_max");
    expect_equal(bounded(0.5F, infinity).data(), at::clamp_min(x, 0.5), "clamp_min");
    expect_equal(bounded(3.0F, -3.0F).data(), at::clamp(x, 3.0, -3.0), "clamp, bounds crossed");
  }
}

TEST_F(Kernels, SumsAndProductsEqualTheLibrary) {
  for (const std::int64_t count : {32, 64, 1024, 100 * 64}) {
    const at::Tensor a = hostile({count}, 3);
    const at::Tensor b = hostile({count}, 4);
    const auto* x = a.const_data_ptr<float>();
    const auto* z = b.const_data_ptr<float>();
    Chain chain{.x = x, .other = z, .channels = 1, .area = count};
    expect_equal(run(chain).data(), at::add(a, b), "add");
    chain.other_first = true;
    expect_equal(run(chain).data(), at::add(b, a), "add, other first");
    std::vector<float> y(static_cast<std::size_t>(count));
    for (const float alpha : {1.0F, -1.0F, 0.3F, 2.0F, 0.0F}) {
      add_scaled(y.data(), x, z, alpha, count);
      expect_equal(y.data(), at::add(a, b, alpha), "add, alpha");
      add_scaled(y.data(), x, z, -alpha, count);
      expect_equal(y.data(), at::sub(a, b, alpha), "sub, alpha");
      for (const float scalar : {1.5F, 0.0F, -0.0F, infinity, 1e38F, -std::nanf("")}) {
        add_scalar(y.data(), x, scalar, alpha, count);
        expect_equal(y.data(), at::add(a, at::scalar_tensor(scalar), alpha), "add, scalar");
      }
    }
    multiply(y.data(), x, z, count);
    expect_equal(y.data(), at::mul(a, b), "mul");
    for (const float scalar : {1.5F, 0.0F, -0.0F, infinity, 1e-38F}) {
      multiply_scalar(y.data(), x, scalar, count);
      expect_equal(y.data(), at::mul(a, at::scalar_tensor(scalar)), "mul, scalar");
    }
  }
}

TEST_F(Kernels, OnePassEqualsItsParts) {
  for (const auto& [channels, area] : sizes) {
    const at::Tensor x = hostile({channels, area}, 5);
    const at::Tensor z = hostile({channels, area}, 6);
    const at::Tensor scale = at::randn({channels});
    const at::Tensor shift = at::randn({channels});
    Chain chain{.x = x.const_data_ptr<float>(),
                .scale = scale.const_data_ptr<float>(),
                .shift = shift.const_data_ptr<float>(),
                .channels = static_cast<std::int32_t>(channels),
                .area = area};
    const std::vector<float> norm = run(chain);
    chain.other = z.const_data_ptr<float>();
    for (const bool first : {false, true}) {
      chain.other_first = first;
      const at::Tensor normed = at::from_blob(const_cast<float*>(norm.data()), {channels, area});
      const at::Tensor sum = first ? at::add(z, normed) : at::add(normed, z);
      chain.bounded = false;
      expect_equal(run(chain).data(), sum, "norm and sum");
      chain.bounded = true;
      chain.low = 0.0F;
      chain.high = infinity;
      expect_equal(run(chain).data(), at::relu(sum), "norm, sum and relu");
    }
  }
}

TEST_F(Kernels, AWindowIsCutOutAndLaidOver) {
  std::mt19937 random(8);
  const auto below = [&](std::int32_t n) {
    return static_cast<std::int32_t>(random() % static_cast<unsigned>(n));
  };
  for (int round = 0; round < 3000; ++round) {
    const std::int32_t c = 1 + below(4);
    const std::int32_t h = 1 + below(12);
    const std::int32_t w = 1 + below(20);
    const at::Tensor image = at::rand({c, h, w});
    const std::int32_t rh = 1 + below(h);
    const std::int32_t rw = 1 + below(w);
    const std::int32_t y = below(h - rh + 1);
    const std::int32_t x = below(w - rw + 1);
    const injectors::Rect outer{{y, y + rh}, {x, x + rw}};
    std::vector<float> window(static_cast<std::size_t>(c * rh * rw + gather_slack) + 1, 42.0F);
    gather(window.data(), image.const_data_ptr<float>(), c, h, w, outer);
    at::Tensor expected = image.slice(1, y, y + rh).slice(2, x, x + rw).contiguous().clone();
    expect_equal(window.data(), expected, "gather");
    ASSERT_EQ(window.back(), 42.0F);

    const std::int32_t ih = 1 + below(rh);
    const std::int32_t iw = 1 + below(rw);
    const std::int32_t iy = below(rh - ih + 1);
    const std::int32_t ix = below(rw - iw + 1);
    const at::Tensor row = at::rand({c, ih, iw});
    lay_over(window.data(), outer, row.const_data_ptr<float>(),
             {{y + iy, y + iy + ih}, {x + ix, x + ix + iw}}, c);
    expected.slice(1, iy, iy + ih).slice(2, ix, ix + iw).copy_(row);
    expect_equal(window.data(), expected, "lay over");
  }
}

}  // namespace
}  // namespace softbeam::run
