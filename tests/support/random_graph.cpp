#include "tests/support/random_graph.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <unordered_set>

#include "tests/support/random/drawing.h"

namespace softbeam::support {
namespace {

struct Choice {
  DrawOperator draw;
  int weight;
};

// What may read a value of four, three and two dimensions.
constexpr Choice of_images[] = {
    {draw_convolution, 30},
    {draw_basic_block, 14},
    {draw_residual_block, 8},
    {draw_same_convolution, 4},
    {draw_batch_norm, 6},
    {draw_max_pool, 7},
    {draw_average_pool, 7},
    {draw_activation, 8},
    {draw_cheap_activation, 8},
    {draw_add, 7},
    {draw_arithmetic, 4},
    {draw_scalar, 4},
    {draw_cat, 7},
    {draw_channel_slice, 5},
    {draw_slice, 5},
    {draw_chunk, 4},
    {draw_pad, 5},
    {draw_dropout, 3},
    {draw_squeeze_excite, 3},
    {draw_broadcast, 3},
    {draw_upsample, 3},
    {draw_adaptive_pool, 3},
    {draw_mean, 2},
    {draw_flatten, 2},
    {draw_permute, 2},
    {draw_contiguous, 3},
    {draw_transposed_convolution, 3},
    {draw_tokens, 5},
    {draw_view, 3},
    {draw_softmax, 1},
    {draw_layer_norm, 2},
    {draw_linear, 1},
    {draw_cast, 1},
};
constexpr Choice of_tokens[] = {
    {draw_linear, 8},     {draw_softmax, 3}, {draw_layer_norm, 6}, {draw_attention, 8},
    {draw_product, 5},    {draw_permute, 2}, {draw_activation, 4}, {draw_add, 4},
    {draw_arithmetic, 2}, {draw_cat, 2},     {draw_slice, 2},      {draw_chunk, 2},
    {draw_flatten, 3},    {draw_mean, 3},    {draw_view, 2},       {draw_image_of_tokens, 3},
    {draw_contiguous, 1}, {draw_dropout, 1}, {draw_cast, 1},       {draw_scalar, 1},
};
constexpr Choice of_vectors[] = {
    {draw_linear, 10}, {draw_activation, 5}, {draw_softmax, 2}, {draw_layer_norm, 2},
    {draw_add, 3},     {draw_arithmetic, 2}, {draw_cat, 2},     {draw_slice, 1},
    {draw_view, 3},    {draw_dropout, 1},    {draw_chunk, 1},   {draw_scalar, 1},
};

DrawOperator choose(Dice& dice, std::int64_t dims) {
  const std::span<const Choice> choices = dims == 4   ? std::span<const Choice>(of_images)
                                          : dims == 3 ? std::span<const Choice>(of_tokens)
                                                      : std::span<const Choice>(of_vectors);
  int total = 0;
  for (const Choice& choice : choices) {
    total += choice.weight;
  }
  auto at = static_cast<int>(dice.below(total));
  for (const Choice& choice : choices) {
    at -= choice.weight;
    if (at < 0) {
      return choice.draw;
    }
  }
  return choices.front().draw;
}

data::Dataset draw_data(Dice& dice, std::int64_t batch) {
  data::Dataset data;
  const double kind = dice.uniform();
  if (kind < 0.86) {
    const std::int64_t height = dice.between(5, 20);
    data.shape = {dice.among<std::int64_t>({1, 2, 3, 3, 4, 8, 16}), height,
                  dice.chance(0.5) ? height : dice.between(5, 20)};
  } else if (kind < 0.95) {
    data.shape = {dice.between(3, 12), dice.among<std::int64_t>({4, 6, 8, 16})};
  } else {
    data.shape = {dice.among<std::int64_t>({5, 16, 32})};
  }
  data.samples = static_cast<std::uint64_t>(dice.between(batch / 2, batch + 5));
  data.images.resize(data.samples * data.elements_per_sample());
  for (float& word : data.images) {
    word = dice.chance(0.04) ? dice.among({0.0F, 0.0F, -0.0F, 1e-40F, -2e-42F, 1e-45F})
                             : static_cast<float>(dice.normal());
  }
  data.digest = "drawn";
  return data;
}

at::Tensor one_batch(const data::Dataset& data, std::int64_t batch) {
  std::vector<std::int64_t> shape{batch};
  shape.insert(shape.end(), data.shape.begin(), data.shape.end());
  at::Tensor rows = at::empty(shape);
  const std::size_t size = data.elements_per_sample();
  for (std::int64_t r = 0; r < batch; ++r) {
    std::memcpy(rows[r].mutable_data_ptr<float>(),
                data.images.data() + static_cast<std::size_t>(r) % data.samples * size,
                size * sizeof(float));
  }
  return rows;
}

constexpr std::int64_t most_elements = 10'000;  // of one sample's value

bool suits(const Drawing& d, const Var& x) {
  return x.live.isTensor() && x.tensor().scalar_type() == at::kFloat && x.dim() >= 2 &&
         x.dim() <= 4 && x.size(0) == d.batch() && x.tensor().numel() > 0 &&
         x.tensor().numel() / d.batch() <= most_elements;
}

// Mostly grows on; older values get further readers now and then.
Var choose_value(Drawing& d) { return d.dice.chance(0.7) ? d.pool.back() : d.dice.among(d.pool); }

void grow(Drawing& d, std::size_t nodes) {
  for (int tries = 0; d.out.nodes() < nodes && tries < 100; ++tries) {
    const Var x = choose_value(d);
    try {
      const Var result = choose(d.dice, x.dim())(d, x);
      if (suits(d, result)) {
        d.pool.push_back(result);
      }
    } catch (const Unfit&) {
      // Another operator, then.
    }
    std::erase_if(d.pool, [&](const Var& value) { return !suits(d, value); });
  }
}

std::vector<Var> choose_outputs(Drawing& d) {
  Var last = d.pool.back();
  if (d.dice.chance(0.5)) {  // a classifier's head
    if (last.dim() == 4 && d.dice.chance(0.5)) {
      last = d.out.call("aten::mean.dim", {last, c10::IValue(c10::List<std::int64_t>({2, 3}))});
    } else if (last.dim() > 2) {
      last = d.out.call("aten::flatten.using_ints", {last, c10::IValue(1)});
    }
    try {
      last = draw_linear(d, last);
    } catch (const Unfit&) {
      // The features are the answer.
    }
  }
  std::vector<Var> outputs{last};
  const std::int64_t more = d.dice.chance(0.3) ? d.dice.between(1, 2) : 0;
  for (std::int64_t i = 0; i < more; ++i) {
    const Var& other = d.dice.among(d.pool);
    const bool fresh = other.id != d.out.input().id &&
                       std::none_of(outputs.begin(), outputs.end(),
                                    [&](const Var& o) { return o.id == other.id; });
    if (fresh) {
      outputs.push_back(other);
    }
  }
  return outputs;
}

}  // namespace

RandomGraph random_graph(std::uint64_t seed) {
  const c10::InferenceMode inference;
  at::set_num_threads(1);
  Dice dice(seed);
  RandomGraph result;
  result.batch = dice.among<std::int64_t>({4, 8, 16, 16});
  result.data = draw_data(dice, result.batch);
  Drawing d(dice.bits(), one_batch(result.data, result.batch), dice.chance(0.15));
  d.extreme = dice.chance(0.12);
  d.infinite = d.extreme && dice.chance(0.3);
  grow(d, static_cast<std::size_t>(dice.between(3, 14)));
  result.graph =
      d.out.finish(choose_outputs(d), d.static_batch ? std::optional(result.batch) : std::nullopt);
  result.writes_through_views = d.out.writes_through_views();
  return result;
}

}  // namespace softbeam::support
