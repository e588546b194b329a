// Operators that slide a window over an image.
#include <cmath>

#include "tests/support/random/drawing.h"

namespace softbeam::support {
namespace {

using Pair = std::vector<std::int64_t>;

c10::IValue ints(const Pair& numbers) { return {c10::List<std::int64_t>(numbers)}; }

Pair same(std::int64_t n) { return {n, n}; }

// Mostly the same for height and width.
template <class Draw>
Pair pair(Dice& dice, Draw draw) {
  const std::int64_t first = draw();
  return dice.chance(0.75) ? same(first) : Pair{first, draw()};
}

Pair draw_kernel(Dice& dice) {
  return dice.among<Pair>({{3, 3},
                           {3, 3},
                           {3, 3},
                           {1, 1},
                           {1, 1},
                           {5, 5},
                           {7, 7},
                           {2, 2},
                           {4, 4},
                           {1, 3},
                           {3, 1},
                           {1, 7},
                           {7, 1},
                           {5, 3},
                           {2, 3}});
}

std::int64_t draw_channels(Dice& dice, const Var& image) {
  const bool small = image.size(2) * image.size(3) <= 100;
  return small && dice.chance(0.2)
             ? dice.among<std::int64_t>({32, 64})
             : dice.among<std::int64_t>({1, 2, 3, 4, 5, 6, 8, 8, 12, 16, 16, 24});
}

std::int64_t draw_groups(Dice& dice, std::int64_t channels) {
  if (dice.chance(0.7)) {
    return 1;
  }
  if (dice.chance(0.5)) {
    return channels;  // depthwise
  }
  const auto groups = dice.among<std::int64_t>({2, 3, 4});
  return channels % groups == 0 ? groups : 1;
}

// What one convolution may cost for one sample.
constexpr std::int64_t most_macs = 1'000'000;

Drawing::Filter draw_filter(Drawing& d, const Var& image, const Pair& kernel) {
  Dice& dice = d.dice;
  const std::int64_t channels = image.size(1);
  if (dice.chance(0.15)) {  // a weight that another node has too
    for (const Drawing::Filter& filter : d.filters) {
      if (filter.weight.size(1) * filter.groups == channels) {
        return filter;
      }
    }
  }
  const std::int64_t groups = draw_groups(dice, channels);
  const std::int64_t outputs =
      groups == 1 ? draw_channels(dice, image) : channels * (dice.chance(0.25) ? 2 : 1);
  const std::int64_t inputs = channels / groups;
  if (image.size(2) * image.size(3) * outputs * inputs * kernel[0] * kernel[1] > most_macs) {
    throw Unfit("too large");
  }
  const double fan_in = static_cast<double>(inputs * kernel[0] * kernel[1]);
  d.filters.push_back(
      {d.weight({outputs, inputs, kernel[0], kernel[1]}, 1.2 / std::sqrt(fan_in)), groups});
  return d.filters.back();
}

}  // namespace

Var draw_convolution(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  auto [weight, groups] = draw_filter(d, image, draw_kernel(dice));
  if (dice.chance(0.04)) {  // a weight that is computed from a parameter
    weight =
        d.out.call("aten::mul.Tensor", {weight, d.weight({weight.size(0), 1, 1, 1}, 0.2, 1.0)});
  }
  const Argument bias = d.bias(weight.size(0));
  const Pair dilation = pair(dice, [&] { return dice.chance(0.15) ? 2 : 1; });
  Pair stride = pair(dice, [&] { return dice.among<std::int64_t>({1, 1, 1, 1, 2, 2, 3}); });
  if (dice.chance(0.25)) {
    const bool keep = dice.chance(0.7);
    if (keep) {
      stride = {1, 1};
    }
    return d.out.call("aten::conv2d.padding",
                      {image, weight, bias, ints(stride), c10::IValue(keep ? "same" : "valid"),
                       ints(dilation), c10::IValue(groups)});
  }
  Pair padding{dilation[0] * (weight.size(2) - 1) / 2, dilation[1] * (weight.size(3) - 1) / 2};
  if (dice.chance(0.4)) {
    padding = pair(dice, [&] { return dice.between(0, 3); });
  }
  return d.out.call("aten::conv2d", {image, weight, bias, ints(stride), ints(padding),
                                     ints(dilation), c10::IValue(groups)});
}

Var draw_same_convolution(Drawing& d, const Var& image) {
  const std::int64_t channels = image.size(1);
  for (const Drawing::Filter& filter : d.filters) {
    const Var& weight = filter.weight;
    const bool fits = weight.size(0) == channels && weight.size(1) * filter.groups == channels &&
                      weight.size(2) == weight.size(3) && weight.size(2) % 2 == 1;
    if (fits && d.dice.chance(0.3)) {  // the same module once more
      return d.out.call("aten::conv2d", {image, weight, d.bias(channels), ints(same(1)),
                                         ints(same(weight.size(2) / 2)), ints(same(1)),
                                         c10::IValue(filter.groups)});
    }
  }
  const std::int64_t kernel = d.dice.among({1, 3, 3, 5});
  const std::int64_t groups = d.dice.chance(0.2) ? channels : 1;
  const std::int64_t inputs = channels / groups;
  if (image.size(2) * image.size(3) * channels * inputs * kernel * kernel > most_macs) {
    throw Unfit("too large");
  }
  const double fan_in = static_cast<double>(inputs * kernel * kernel);
  const Var weight = d.weight({channels, inputs, kernel, kernel}, 1.0 / std::sqrt(fan_in));
  d.filters.push_back({weight, groups});
  return d.out.call("aten::conv2d", {image, weight, d.bias(channels), ints(same(1)),
                                     ints(same(kernel / 2)), ints(same(1)), c10::IValue(groups)});
}

Var draw_transposed_convolution(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  const auto outputs = dice.among<std::int64_t>({1, 2, 4, 8});
  const Pair kernel = pair(dice, [&] { return dice.between(1, 4); });
  const Pair stride = pair(dice, [&] { return dice.between(1, 2); });
  const std::int64_t area = image.size(2) * image.size(3);
  if (area > 150) {
    throw Unfit("too large");
  }
  const double fan_in = static_cast<double>(image.size(1) * kernel[0] * kernel[1]);
  const Var weight =
      d.weight({image.size(1), outputs, kernel[0], kernel[1]}, 1.5 / std::sqrt(fan_in));
  return d.out.call("aten::conv_transpose2d.input",
                    {image, weight, d.bias(outputs), ints(stride), ints(same(dice.below(2))),
                     ints(same(dice.chance(0.2) ? 1 : 0)), c10::IValue(1), ints(same(1))});
}

Var draw_max_pool(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  const Pair kernel = pair(dice, [&] { return dice.among<std::int64_t>({2, 2, 3, 3, 4, 1}); });
  const Pair stride = pair(dice, [&] { return dice.among<std::int64_t>({1, 2, 2, 3}); });
  const Pair padding = pair(dice, [&] { return dice.below(2); });
  const Pair dilation = pair(dice, [&] { return dice.chance(0.15) ? 2 : 1; });
  const c10::IValue ceil(dice.chance(0.3));
  if (dice.chance(0.1)) {
    return d.out.call("aten::max_pool2d_with_indices",
                      {image, ints(kernel), ints(stride), ints(padding), ints(dilation), ceil});
  }
  return d.out.call("aten::max_pool2d",
                    {image, ints(kernel), ints(stride), ints(padding), ints(dilation), ceil});
}

Var draw_average_pool(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  const Pair kernel = pair(dice, [&] { return dice.among<std::int64_t>({2, 2, 3, 3, 4}); });
  const Pair stride = pair(dice, [&] { return dice.among<std::int64_t>({1, 2, 2, 3}); });
  const Pair padding = pair(dice, [&] { return dice.below(2); });
  const c10::IValue divisor = dice.chance(0.25) ? c10::IValue(dice.between(1, 9)) : c10::IValue();
  return d.out.call("aten::avg_pool2d",
                    {image, ints(kernel), ints(stride), ints(padding),
                     c10::IValue(dice.chance(0.3)), c10::IValue(dice.chance(0.5)), divisor});
}

Var draw_adaptive_pool(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  if (dice.chance(0.15)) {
    return d.out.call("aten::adaptive_max_pool2d", {image, ints(same(dice.between(1, 3)))});
  }
  return d.out.call("aten::adaptive_avg_pool2d", {image, ints(pair(dice, [&] {
                                                    return dice.among<std::int64_t>({1, 1, 2, 3});
                                                  }))});
}

Var draw_upsample(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  if (image.size(1) * image.size(2) * image.size(3) > 1500) {
    throw Unfit("too large");
  }
  if (dice.chance(0.5)) {
    return d.out.call("aten::upsample_nearest2d",
                      {image, ints({image.size(2) * 2, image.size(3) * dice.between(1, 3)})});
  }
  return d.out.call("aten::upsample_nearest2d.vec",
                    {image, c10::IValue(), c10::IValue(c10::List<double>({2.0, 2.0}))});
}

}  // namespace softbeam::support
