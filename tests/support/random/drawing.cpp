#include "tests/support/random/drawing.h"

#include <cmath>
#include <limits>

namespace softbeam::support {

Var Drawing::weight(std::vector<std::int64_t> shape, double deviation, double mean) {
  at::Tensor content = dice.normal(shape, mean, deviation);
  auto* words = content.mutable_data_ptr<float>();
  if (extreme && content.numel() > 0 && dice.chance(0.5)) {
    for (std::int64_t i = dice.between(1, 3); i > 0; --i) {
      words[dice.below(content.numel())] =
          dice.among({1e30F, -1e30F, 1e-40F, -3e-45F, 0.0F, -0.0F, 1e38F, 1e-38F});
    }
    if (infinite && dice.chance(0.5)) {
      words[dice.below(content.numel())] =
          dice.among({1.0F, -1.0F}) * std::numeric_limits<float>::infinity();
    }
  }
  if (content.dim() == 4 && dice.chance(0.04)) {
    content = content.contiguous(at::MemoryFormat::ChannelsLast);
  }
  return out.parameter(content);
}

Argument Drawing::bias(std::int64_t outputs) {
  if (dice.chance(0.4)) {
    return c10::IValue();
  }
  return weight({outputs}, 0.3);
}

std::optional<Var> Drawing::partner(const Var& x) {
  std::vector<Var> found;
  for (const Var& other : pool) {
    if (other.id != x.id && other.tensor().sizes() == x.tensor().sizes()) {
      found.push_back(other);
    }
  }
  return found.empty() ? std::nullopt : std::optional(dice.among(found));
}

Var Drawing::like(const Var& x) {
  if (const auto found = partner(x); found && dice.chance(0.8)) {
    return *found;
  }
  if (dice.chance(0.1)) {
    return x;
  }
  return x.dim() == 4 && dice.chance(0.5) ? draw_same_convolution(*this, x)
                                          : draw_activation(*this, x);
}

Size Drawing::batch_size(const Var& x) {
  if (static_batch && dice.chance(0.5)) {
    return batch();
  }
  if (dice.chance(0.4)) {
    return out.call("aten::sym_size.int", {x, c10::IValue(0)});
  }
  return std::int64_t{-1};
}

}  // namespace softbeam::support
