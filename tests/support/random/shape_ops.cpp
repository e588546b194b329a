// Operators that move, join, cut and sum elements.
#include <algorithm>
#include <numeric>

#include "tests/support/random/drawing.h"

namespace softbeam::support {
namespace {

c10::IValue ints(std::vector<std::int64_t> numbers) {
  return {c10::List<std::int64_t>(std::move(numbers))};
}

Var slice(Drawing& d, const Var& x, std::int64_t dim, std::int64_t first, std::int64_t last,
          std::int64_t step = 1) {
  return d.out.call("aten::slice.Tensor", {x, c10::IValue(dim), c10::IValue(first),
                                           c10::IValue(last), c10::IValue(step)});
}

bool joins(const Var& a, const Var& b, std::int64_t dim) {
  if (a.dim() != b.dim()) {
    return false;
  }
  for (std::int64_t i = 0; i < a.dim(); ++i) {
    if (i != dim && a.size(i) != b.size(i)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Var draw_cat(Drawing& d, const Var& any) {
  Dice& dice = d.dice;
  const std::int64_t dim = any.dim() == 4 && dice.chance(0.85) ? 1 : dice.between(1, any.dim() - 1);
  std::vector<Var> items{any};
  std::vector<Var> fitting;
  for (const Var& other : d.pool) {
    if (joins(any, other, dim)) {
      fitting.push_back(other);
    }
  }
  for (std::int64_t i = dice.between(1, 2); i > 0; --i) {
    items.push_back(!fitting.empty() && dice.chance(0.8) ? dice.among(fitting) : d.like(any));
  }
  std::rotate(items.begin(), items.begin() + dice.below(static_cast<std::int64_t>(items.size())),
              items.end());
  return d.out.call("aten::cat", {items, c10::IValue(dice.chance(0.2) ? dim - any.dim() : dim)});
}

Var draw_channel_slice(Drawing& d, const Var& image) {
  const std::int64_t channels = image.size(1);
  if (channels < 2) {
    throw Unfit("one channel");
  }
  const std::int64_t first = d.dice.below(channels - 1);
  return slice(d, image, 1, first, d.dice.between(first + 1, channels));
}

Var draw_slice(Drawing& d, const Var& any) {
  Dice& dice = d.dice;
  const std::int64_t dim = dice.between(std::min<std::int64_t>(2, any.dim() - 1), any.dim() - 1);
  const std::int64_t size = any.size(dim);
  if (size < 4) {
    throw Unfit("too small");
  }
  if (dice.chance(0.2)) {
    return slice(d, any, dim, dice.below(2), size, 2);
  }
  return dice.chance(0.3)
             ? slice(d, any, dim - any.dim(), dice.between(1, 2), -1)
             : slice(d, any, dim, dice.below(size / 2), dice.between(size / 2 + 1, size));
}

Var draw_chunk(Drawing& d, const Var& any) {
  Dice& dice = d.dice;
  const std::int64_t dim = any.dim() == 4 && dice.chance(0.75) ? 1 : dice.between(1, any.dim() - 1);
  const std::int64_t size = any.size(dim);
  if (size < 2) {
    throw Unfit("nothing to split");
  }
  Var list;
  switch (dice.below(3)) {
    case 0:
      list = d.out.call("aten::chunk", {any, c10::IValue(dice.between(2, 3)), c10::IValue(dim)});
      break;
    case 1:
      list = d.out.call("aten::split.Tensor",
                        {any, c10::IValue(dice.between(1, size - 1)), c10::IValue(dim)});
      break;
    default: {
      const std::int64_t first = dice.between(1, size - 1);
      list = d.out.call("aten::split_with_sizes",
                        {any, ints({first, size - first}), c10::IValue(dim)});
    }
  }
  if (list.live.toTensorVector().size() > 6) {
    throw Unfit("too many pieces");
  }
  const std::vector<Var> items = d.out.unpack(list);
  d.pool.insert(d.pool.end(), items.begin(), items.end());
  return dice.among(items);
}

Var draw_pad(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  const auto by = [&] { return dice.chance(0.25) ? -dice.between(1, 2) : dice.below(3); };
  std::vector<std::int64_t> pads{by(), by()};
  if (dice.chance(0.8)) {
    pads.insert(pads.end(), {by(), by()});
    if (dice.chance(0.15)) {
      pads.insert(pads.end(), {0, 1});  // a channel more
    }
  }
  if (dice.chance(0.1)) {
    return d.out.call("aten::reflection_pad2d", {image, ints({1, 0, 2, 1})});
  }
  const double value = dice.chance(0.6) ? 0.0 : dice.among({-0.0, 1.0, -2.5});
  return d.out.call("aten::constant_pad_nd", {image, ints(pads), c10::IValue(value)});
}

Var draw_flatten(Drawing& d, const Var& any) {
  if (any.dim() == 2) {
    throw Unfit("flat already");
  }
  const std::int64_t first = any.dim() == 4 && d.dice.chance(0.2) ? 2 : 1;
  return d.out.call("aten::flatten.using_ints", {any, c10::IValue(first), c10::IValue(-1)});
}

Var draw_view(Drawing& d, const Var& any) {
  Dice& dice = d.dice;
  std::vector<std::int64_t> shape(any.tensor().sizes().begin() + 1, any.tensor().sizes().end());
  if (any.dim() == 4 && shape[0] % 2 == 0 && dice.chance(0.3)) {
    shape = {shape[0] / 2, 2 * shape[1], shape[2]};  // channels under one another
  } else if (any.dim() == 4) {
    shape = dice.chance(0.5) ? std::vector{shape[0], shape[1] * shape[2]}
                             : std::vector{shape[0] * shape[1] * shape[2]};
  } else if (any.dim() == 3) {
    shape = dice.chance(0.5) ? std::vector{shape[0] * shape[1]}
                             : std::vector<std::int64_t>{1, shape[0], shape[1]};
  } else if (shape[0] % 4 == 0) {
    shape = dice.chance(0.5) ? std::vector<std::int64_t>{4, shape[0] / 4}
                             : std::vector<std::int64_t>{shape[0] / 4, 2, 2};
  }
  std::vector<Size> sizes{d.batch_size(any)};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return d.out.call(dice.chance(0.5) ? "aten::view" : "aten::reshape", {any, sizes});
}

Var draw_permute(Drawing& d, const Var& any) {
  Dice& dice = d.dice;
  if (any.dim() == 2) {
    throw Unfit("one dimension");
  }
  if (dice.chance(0.4)) {
    return d.out.call("aten::transpose.int", {any, c10::IValue(any.dim() - 1), c10::IValue(1)});
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(any.dim()));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size() - 1; i > 1; --i) {
    std::swap(order[i], order[static_cast<std::size_t>(dice.between(1, static_cast<int>(i)))]);
  }
  return d.out.call("aten::permute", {any, ints(order)});
}

Var draw_contiguous(Drawing& d, const Var& any) {
  if (any.dim() == 4 && d.dice.chance(0.25)) {
    return d.out.call(
        "aten::contiguous",
        {any, c10::IValue(static_cast<std::int64_t>(at::MemoryFormat::ChannelsLast))});
  }
  return d.dice.chance(0.5) ? d.out.call("aten::clone", {any})
                            : d.out.call("aten::contiguous", {any});
}

Var draw_mean(Drawing& d, const Var& any) {
  const c10::IValue keep(d.dice.chance(0.3));
  if (any.dim() == 4 && d.dice.chance(0.8)) {
    return d.out.call("aten::mean.dim", {any, ints({2, 3}), keep});
  }
  if (any.dim() == 2) {
    throw Unfit("a vector");
  }
  return d.dice.chance(0.5) ? d.out.call("aten::mean.dim", {any, ints({-1}), keep})
                            : d.out.call("aten::sum.dim_IntList", {any, ints({1}), keep});
}

}  // namespace softbeam::support
