// Operators of transformers and classifiers.
#include <cmath>

#include "tests/support/random/drawing.h"

namespace softbeam::support {
namespace {

c10::IValue ints(std::vector<std::int64_t> numbers) {
  return {c10::List<std::int64_t>(std::move(numbers))};
}

Var linear(Drawing& d, const Var& x, std::int64_t outputs) {
  const std::int64_t inputs = x.size(-1);
  if (x.tensor().numel() / d.batch() * outputs > 500'000) {
    throw Unfit("too large");
  }
  const Var weight = d.weight({outputs, inputs}, 1.0 / std::sqrt(static_cast<double>(inputs)));
  if (d.dice.chance(0.08)) {  // as decomposed exports have it
    const Var turned = d.out.call("aten::t", {weight});
    return x.dim() == 2 ? d.out.call("aten::addmm", {d.weight({outputs}, 0.3), x, turned})
                        : d.out.call("aten::matmul", {x, turned});
  }
  return d.out.call("aten::linear", {x, weight, d.bias(outputs)});
}

Var reshape(Drawing& d, const Var& x, const std::vector<std::int64_t>& shape) {
  std::vector<Size> sizes{d.batch_size(x)};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return d.out.call("aten::reshape", {x, sizes});
}

Var swap(Drawing& d, const Var& x, std::int64_t a, std::int64_t b) {
  return d.out.call("aten::transpose.int", {x, c10::IValue(a), c10::IValue(b)});
}

}  // namespace

Var draw_tokens(Drawing& d, const Var& image) {
  const Var flat = d.out.call("aten::flatten.using_ints", {image, c10::IValue(2), c10::IValue(-1)});
  return d.dice.chance(0.8) ? swap(d, flat, 1, 2) : flat;
}

Var draw_image_of_tokens(Drawing& d, const Var& tokens) {
  const std::int64_t count = tokens.size(2);
  std::int64_t height = 1;
  for (std::int64_t h = 2; h * h <= count; ++h) {
    height = count % h == 0 ? h : height;
  }
  return reshape(d, tokens, {tokens.size(1), height, count / height});
}

Var draw_linear(Drawing& d, const Var& any) {
  return linear(d, any, d.dice.among({1, 2, 3, 5, 8, 10, 16, 24, 32}));
}

Var draw_softmax(Drawing& d, const Var& any) {
  const std::int64_t dim = d.dice.chance(0.7) ? -1 : 1;
  return d.out.call(d.dice.chance(0.8) ? "aten::softmax.int" : "aten::log_softmax.int",
                    {any, c10::IValue(dim)});
}

Var draw_layer_norm(Drawing& d, const Var& any) {
  Dice& dice = d.dice;
  if (any.dim() == 4 && any.size(1) % 2 == 0 && dice.chance(0.5)) {
    return d.out.call("aten::group_norm", {any, c10::IValue(2), d.weight({any.size(1)}, 0.2, 1.0),
                                           d.weight({any.size(1)}, 0.2)});
  }
  const std::int64_t features = any.size(-1);
  if (features < 2) {
    throw Unfit("one feature");
  }
  if (dice.chance(0.3)) {
    return d.out.call("aten::layer_norm", {any, ints({features})});
  }
  return d.out.call("aten::layer_norm", {any, ints({features}), d.weight({features}, 0.2, 1.0),
                                         d.weight({features}, 0.2)});
}

Var draw_attention(Drawing& d, const Var& tokens) {
  Dice& dice = d.dice;
  const std::int64_t count = tokens.size(1);
  const std::int64_t heads = dice.between(1, 2);
  const std::int64_t width = dice.among({2, 4, 8});
  if (count * count > 2500) {
    throw Unfit("too large");
  }
  const auto heads_of = [&](const Var& x) {
    return swap(d, reshape(d, x, {count, heads, width}), 1, 2);
  };
  std::vector<Argument> inputs;
  if (dice.chance(0.5)) {
    for (int i = 0; i < 3; ++i) {
      inputs.emplace_back(heads_of(linear(d, tokens, heads * width)));
    }
  } else {
    const Var all = linear(d, tokens, 3 * heads * width);
    for (const Var& part :
         d.out.unpack(d.out.call("aten::chunk", {all, c10::IValue(3), c10::IValue(-1)}))) {
      inputs.emplace_back(heads_of(part));
    }
  }
  const Var mixed =
      swap(d, d.out.call("aten::scaled_dot_product_attention", std::move(inputs)), 1, 2);
  const Var joined = reshape(d, mixed, {count, heads * width});
  if (tokens.size(2) == heads * width && dice.chance(0.8)) {
    return d.out.call("aten::add.Tensor", {tokens, joined});
  }
  return joined;
}

Var draw_product(Drawing& d, const Var& tokens) {
  if (tokens.size(1) * tokens.size(1) * tokens.size(2) > 100'000) {
    throw Unfit("too large");
  }
  const Var other = swap(d, d.like(tokens), 1, 2);
  const Var product =
      d.out.call(d.dice.chance(0.5) ? "aten::matmul" : "aten::bmm", {tokens, other});
  const double scale = 1.0 / static_cast<double>(tokens.size(2));
  const Var scaled = d.out.call("aten::mul.Tensor", {product, c10::IValue(scale)});
  return d.dice.chance(0.5) ? d.out.call("aten::bmm", {scaled, tokens}) : scaled;
}

}  // namespace softbeam::support
