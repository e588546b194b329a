// Operators that compute each element from the elements at its place, and blocks made of them.
#include "tests/support/random/drawing.h"

namespace softbeam::support {
namespace {

c10::IValue ints(std::vector<std::int64_t> numbers) {
  return {c10::List<std::int64_t>(std::move(numbers))};
}

c10::IValue number(double value) { return {value}; }

}  // namespace

Var draw_batch_norm(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  const std::int64_t channels = image.size(1);
  Argument weight = c10::IValue();
  Argument bias = c10::IValue();
  if (dice.chance(0.75)) {
    weight = d.weight({channels}, 0.3, 1.0);
    bias = d.weight({channels}, 0.3);
  }
  const Var mean = d.out.buffer(dice.normal({channels}, 0.0, 0.3));
  const Var variance = d.out.buffer(dice.normal({channels}, 0.0, 0.5).abs_().add_(0.2));
  if (dice.chance(0.12)) {
    return d.out.call("aten::_native_batch_norm_legit_no_training",
                      {image, weight, bias, mean, variance, number(0.1), number(1e-5)});
  }
  return d.out.call("aten::batch_norm", {image, weight, bias, mean, variance, c10::IValue(false),
                                         number(0.1), number(1e-5), c10::IValue(true)});
}

Var draw_cheap_activation(Drawing& d, const Var& any) {
  switch (d.dice.below(8)) {
    case 0:
    case 1:
      return d.out.call("aten::relu_", {any});
    case 2:
      return d.out.call("aten::hardtanh_", {any});
    case 3:
      return d.out.call("aten::relu6", {any});
    case 4:
      return d.out.call("aten::clamp", {any, number(-0.5), number(1.0)});
    case 5:
      return d.out.call("aten::clamp", {any, number(-0.25)});
    case 6:
      return d.out.call("aten::hardtanh", {any, number(0.0), number(6.0)});
    default:
      return d.out.call("aten::relu", {any});
  }
}

Var draw_activation(Drawing& d, const Var& any) {
  switch (d.dice.below(16)) {
    case 0:
      return d.out.call("aten::silu", {any});
    case 1:
      return d.out.call("aten::sigmoid", {any});
    case 2:
      return d.out.call("aten::gelu", {any});
    case 3:
      return d.out.call("aten::gelu", {any, c10::IValue("tanh")});
    case 4:
      return d.out.call("aten::hardswish", {any});
    case 5:
      return d.out.call("aten::leaky_relu", {any, number(0.1)});
    case 6:
      return d.out.call("aten::hardsigmoid", {any});
    case 7:
      return d.out.call("aten::tanh", {any});
    case 8:
      return d.out.call("aten::elu", {any});
    case 9:
      return d.out.call("aten::hardswish_", {any});
    default:
      return draw_cheap_activation(d, any);
  }
}

Var draw_add(Drawing& d, const Var& any) {
  const Var other = d.like(any);
  const c10::IValue alpha =
      d.dice.chance(0.25) ? number(d.dice.among({0.5, 2.0, -1.0, 0.3})) : c10::IValue(1);
  const bool in_place = d.dice.chance(0.35) && any.id != other.id;
  return d.out.call(in_place ? "aten::add_.Tensor" : "aten::add.Tensor", {any, other, alpha});
}

Var draw_arithmetic(Drawing& d, const Var& any) {
  const Var other = d.like(any);
  switch (d.dice.below(6)) {
    case 0:
      return d.out.call("aten::sub.Tensor", {any, other, number(0.5)});
    case 1:
      return d.out.call("aten::sub.Tensor", {any, other});
    case 2:
      return d.out.call("aten::mul_.Tensor", {any, other});
    case 3:
      return d.out.call("aten::maximum", {any, other});
    default:
      return d.out.call("aten::mul.Tensor", {any, other});
  }
}

Var draw_scalar(Drawing& d, const Var& any) {
  const c10::IValue scalar = d.dice.chance(0.3) ? c10::IValue(d.dice.between(1, 3))
                                                : number(d.dice.among({0.5, -1.5, 0.1, 0.0}));
  switch (d.dice.below(8)) {
    case 0:
      return d.out.call("aten::add.Scalar", {any, scalar});
    case 1:
      return d.out.call("aten::add.Tensor", {any, scalar});  // a number made a tensor
    case 2:
      return d.out.call("aten::mul.Scalar", {any, scalar});
    case 3:
      return d.out.call("aten::mul.Tensor", {any, scalar});
    case 4:
      return d.out.call("aten::sub.Tensor", {any, scalar});
    case 5:
      return d.out.call("aten::rsub.Scalar", {any, scalar});
    case 6:
      return d.out.call("aten::div.Tensor", {any, number(3.0)});
    default:
      return d.out.call("aten::add_.Tensor", {any, scalar});
  }
}

Var draw_dropout(Drawing& d, const Var& any) {
  const char* name =
      any.dim() == 4 && d.dice.chance(0.2) ? "aten::feature_dropout" : "aten::dropout";
  return d.out.call(name, {any, number(0.5), c10::IValue(false)});
}

Var draw_broadcast(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  std::vector<std::int64_t> shape =
      dice.among<std::vector<std::int64_t>>({{image.size(1), 1, 1},
                                             {1, image.size(1), 1, 1},
                                             {image.size(1), image.size(2), image.size(3)},
                                             {1},
                                             {image.size(3)}});
  const Var constant = d.weight(std::move(shape), 0.5, 0.7);
  return d.out.call(dice.chance(0.6) ? "aten::mul.Tensor" : "aten::add.Tensor", {image, constant});
}

Var draw_cast(Drawing& d, const Var& any) {
  const auto type = d.dice.among({at::kDouble, at::kHalf, at::kBFloat16});
  const auto cast = [&](const Var& x, at::ScalarType to) {
    return d.out.call("aten::to.dtype", {x, c10::IValue(static_cast<std::int64_t>(to)),
                                         c10::IValue(false), c10::IValue(false), c10::IValue()});
  };
  Var narrow = cast(any, type);
  if (d.dice.chance(0.5)) {
    narrow = d.out.call("aten::relu", {narrow});
  }
  return cast(narrow, at::kFloat);
}

Var draw_basic_block(Drawing& d, const Var& image) {
  const Var normed = draw_batch_norm(d, draw_convolution(d, image));
  return d.dice.chance(0.8) ? draw_cheap_activation(d, normed) : draw_activation(d, normed);
}

Var draw_residual_block(Drawing& d, const Var& image) {
  Var branch = draw_same_convolution(d, image);
  if (d.dice.chance(0.7)) {
    branch = draw_batch_norm(d, branch);
  }
  if (d.dice.chance(0.4)) {
    branch = draw_same_convolution(d, draw_cheap_activation(d, branch));
  }
  const bool in_place = d.dice.chance(0.5);
  const Var sum = d.out.call(in_place ? "aten::add_.Tensor" : "aten::add.Tensor", {branch, image});
  return d.dice.chance(0.6) ? draw_cheap_activation(d, sum) : sum;
}

Var draw_squeeze_excite(Drawing& d, const Var& image) {
  Dice& dice = d.dice;
  const std::int64_t channels = image.size(1);
  const std::int64_t inner = dice.between(1, 4);
  Var squeezed = dice.chance(0.5)
                     ? d.out.call("aten::adaptive_avg_pool2d", {image, ints({1, 1})})
                     : d.out.call("aten::mean.dim", {image, ints({2, 3}), c10::IValue(true)});
  squeezed =
      d.out.call("aten::conv2d", {squeezed, d.weight({inner, channels, 1, 1}, 0.7), d.bias(inner)});
  squeezed = d.out.call("aten::relu", {squeezed});
  squeezed = d.out.call("aten::conv2d",
                        {squeezed, d.weight({channels, inner, 1, 1}, 0.7), d.bias(channels)});
  const Var scale =
      d.out.call(dice.chance(0.5) ? "aten::sigmoid" : "aten::hardsigmoid", {squeezed});
  return dice.chance(0.5) ? d.out.call("aten::mul.Tensor", {scale, image})
                          : d.out.call("aten::mul.Tensor", {image, scale});
}

}  // namespace softbeam::support
