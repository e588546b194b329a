// Addresses of one sample's elements, against a walk over every index.
#include "host/execute/layout.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <random>

namespace softbeam::execute {
namespace {

// Every element's value is its own offset in memory, so that an address can be read off.
at::Tensor numbered(std::vector<std::int64_t> sizes, std::vector<std::int64_t> order) {
  std::int64_t total = 1;
  for (const std::int64_t size : sizes) total *= size;
  std::vector<std::int64_t> permuted;
  permuted.reserve(order.size());
  for (const std::int64_t d : order) permuted.push_back(sizes[static_cast<std::size_t>(d)]);
  std::vector<std::int64_t> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return at::arange(total, at::kLong).view(permuted).permute(back);
}

// The slice of one sample by its definition, and its elements in row-major order.
std::vector<std::int64_t> slice(const at::Tensor& tensor, const BatchLayout& layout,
                                std::int64_t row) {
  std::vector<at::Tensor> parts;
  for (std::int64_t k = 0; k < layout.per_sample; ++k) {
    const std::int64_t at = layout.inner ? k * layout.batch + row : row * layout.per_sample + k;
    parts.push_back(tensor.narrow(layout.dim, at, 1));
  }
  const at::Tensor flat = at::cat(parts, layout.dim).contiguous().view(-1);
  return {flat.const_data_ptr<std::int64_t>(), flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

struct Case {
  std::vector<std::int64_t> sizes;
  BatchLayout layout;
};

const std::vector<Case> cases{
    {{4, 3, 2, 5}, {.dim = 0, .batch = 4}},
    {{3, 4, 2}, {.dim = 1, .batch = 4}},
    {{2, 3, 4}, {.dim = 2, .batch = 4}},
    {{12, 5}, {.dim = 0, .batch = 4, .per_sample = 3}},
    {{12, 5}, {.dim = 0, .batch = 4, .per_sample = 3, .inner = true}},
    {{2, 8, 3}, {.dim = 1, .batch = 4, .per_sample = 2, .inner = true}},
    {{2, 8, 3}, {.dim = 1, .batch = 4, .per_sample = 2}},
};

TEST(Layout, EveryElementOfEverySampleIsFoundWhateverTheStrides) {
  std::mt19937 random(7);
  for (const Case& c : cases) {
    std::vector<std::int64_t> order(c.sizes.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    for (int shuffle = 0; shuffle < 6; ++shuffle) {
      const at::Tensor tensor = numbered(c.sizes, order);
      for (std::int64_t row = 0; row < c.layout.batch; ++row) {
        const auto expected = slice(tensor, c.layout, row);
        for (std::size_t e = 0; e < expected.size(); ++e) {
          ASSERT_EQ(word_offset(c.layout, tensor.sizes(), tensor.strides(), row, e),
                    static_cast<std::uint64_t>(expected[e]));
        }
      }
      std::shuffle(order.begin(), order.end(), random);
    }
  }
}

TEST(Layout, RowsHoldTheSameElementsInTheSameOrder) {
  for (const Case& c : cases) {
    std::vector<std::int64_t> order(c.sizes.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
    const at::Tensor tensor = numbered(c.sizes, order);
    const at::Tensor split = rows(tensor, c.layout);
    ASSERT_EQ(split.size(0), c.layout.batch);
    for (std::int64_t row = 0; row < c.layout.batch; ++row) {
      const auto expected = slice(tensor, c.layout, row);
      const auto* data = split.const_data_ptr<std::int64_t>() + row * split.size(1);
      ASSERT_EQ(std::vector<std::int64_t>(data, data + split.size(1)), expected);
    }
  }
}

TEST(Layout, TheUsualPlaceOfTheBatchIsTriedFirst) {
  const auto candidates = candidate_layouts({4, 4, 8}, 4);
  ASSERT_EQ(candidates.size(), 4U);
  EXPECT_EQ(candidates[0], (BatchLayout{.dim = 0, .batch = 4}));
  EXPECT_EQ(candidates[1], (BatchLayout{.dim = 1, .batch = 4}));
  EXPECT_EQ(candidates[2], (BatchLayout{.dim = 2, .batch = 4, .per_sample = 2}));
  EXPECT_TRUE(candidates[3].inner);
}

TEST(Layout, ASampleShapeLosesTheBatchButKeepsMergedEntries) {
  EXPECT_EQ(sample_shape({.dim = 1, .batch = 4}, {3, 4, 2}), (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(sample_shape({.dim = 0, .batch = 4, .per_sample = 3}, {12, 5}),
            (std::vector<std::int64_t>{3, 5}));
  EXPECT_EQ(sample_shape({.dim = -1}, {1, 7}), (std::vector<std::int64_t>{1, 7}));
}

}  // namespace
}  // namespace softbeam::execute
