// Multiply-adds of the operators that spend nearly all of a network's arithmetic.
#include <algorithm>
#include <array>
#include <numeric>

#include "host/execute/profile.h"

namespace softbeam::execute {
namespace {

std::uint64_t product(at::IntArrayRef sizes, std::size_t first = 0) {
  std::uint64_t result = 1;
  for (std::size_t i = first; i < sizes.size(); ++i) {
    result *= static_cast<std::uint64_t>(sizes[i]);
  }
  return result;
}

}  // namespace

std::uint64_t multiply_adds(const model::Node& node, at::IntArrayRef output,
                            const std::vector<std::vector<std::int64_t>>& inputs) {
  constexpr std::array convolutions{"conv1d", "conv2d", "conv3d"};
  constexpr std::array products{"matmul", "mm", "bmm", "mv"};
  const auto is_one_of = [&](const auto& names) {
    return std::find(names.begin(), names.end(), node.op) != names.end();
  };
  if (is_one_of(convolutions) && inputs.size() >= 2 && inputs[1].size() > 2) {
    return product(output) * product(inputs[1], 1);  // weight: [out, in / groups, kernel...]
  }
  if (node.op == "linear" && inputs.size() >= 2 && inputs[1].size() == 2) {
    return product(output) * static_cast<std::uint64_t>(inputs[1][1]);
  }
  if (is_one_of(products) && inputs.size() >= 2 && !inputs[0].empty()) {
    return product(output) * static_cast<std::uint64_t>(inputs[0].back());
  }
  if (node.op == "addmm" && inputs.size() >= 3 && inputs[1].size() == 2) {
    return product(output) * static_cast<std::uint64_t>(inputs[1][1]);
  }
  if (node.op == "scaled_dot_product_attention" && inputs.size() >= 3 && inputs[1].size() >= 2) {
    // queries x keys, then weights x values: per query and key, one width each
    const auto& keys = inputs[1];
    const auto& values = inputs[2];
    const auto key_count = static_cast<std::uint64_t>(keys[keys.size() - 2]);
    const std::uint64_t queries = product(output) / static_cast<std::uint64_t>(output.back());
    return queries * key_count * static_cast<std::uint64_t>(keys.back() + values.back());
  }
  return 0;
}

}  // namespace softbeam::execute
