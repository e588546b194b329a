// A graph being drawn: its writer, the values that later nodes may read, and how weights look.
// The operators, by family, each adding a few nodes that read a given value.
#pragma once

#include <optional>
#include <vector>

#include "tests/support/random/dice.h"
#include "tests/support/random/graph_writer.h"

namespace softbeam::support {

struct Drawing {
  Drawing(std::uint64_t seed, const at::Tensor& samples, bool fixed_batch)
      : dice(seed), out(samples), static_batch(fixed_batch), pool{out.input()} {}

  Dice dice;
  GraphWriter out;
  bool static_batch;      // shapes may have the batch's size as a constant
  bool extreme = false;   // weights of this graph hold extreme words here and there
  bool infinite = false;  // some even Inf
  std::vector<Var> pool;  // float32 tensors
  struct Filter {
    Var weight;
    std::int64_t groups = 1;
  };
  std::vector<Filter> filters;  // of earlier convolutions

  // A parameter with values of this spread.
  Var weight(std::vector<std::int64_t> shape, double deviation, double mean = 0.0);
  // One number for each output, or None.
  Argument bias(std::int64_t outputs);
  // Another value of the same shape, if there is one.
  std::optional<Var> partner(const Var& x);
  // A value of x's shape that depends on the samples: a partner, or made from x.
  Var like(const Var& x);
  std::int64_t batch() const { return out.input().size(0); }
  // The size of the batch in a list of sizes: free, computed, or a constant.
  Size batch_size(const Var& x);
};

using DrawOperator = Var (*)(Drawing&, const Var&);

// All throw Unfit where x does not suit them. Images are [batch, channels, height, width], tokens
// [batch, count, features], vectors [batch, features].
Var draw_convolution(Drawing& d, const Var& image);
Var draw_same_convolution(Drawing& d, const Var& image);  // keeps the shape
Var draw_transposed_convolution(Drawing& d, const Var& image);
Var draw_max_pool(Drawing& d, const Var& image);
Var draw_average_pool(Drawing& d, const Var& image);
Var draw_adaptive_pool(Drawing& d, const Var& image);
Var draw_upsample(Drawing& d, const Var& image);

Var draw_batch_norm(Drawing& d, const Var& image);
Var draw_activation(Drawing& d, const Var& any);
Var draw_cheap_activation(Drawing& d, const Var& any);  // relu and clamps
Var draw_add(Drawing& d, const Var& any);
Var draw_arithmetic(Drawing& d, const Var& any);
Var draw_scalar(Drawing& d, const Var& any);
Var draw_dropout(Drawing& d, const Var& any);
Var draw_broadcast(Drawing& d, const Var& image);  // times or plus a parameter by channel
Var draw_cast(Drawing& d, const Var& any);

Var draw_residual_block(Drawing& d, const Var& image);
Var draw_squeeze_excite(Drawing& d, const Var& image);
Var draw_basic_block(Drawing& d, const Var& image);  // convolution, batch norm, activation

Var draw_cat(Drawing& d, const Var& any);
Var draw_slice(Drawing& d, const Var& any);
Var draw_channel_slice(Drawing& d, const Var& image);
Var draw_chunk(Drawing& d, const Var& any);
Var draw_pad(Drawing& d, const Var& image);
Var draw_flatten(Drawing& d, const Var& any);
Var draw_view(Drawing& d, const Var& any);
Var draw_permute(Drawing& d, const Var& any);
Var draw_contiguous(Drawing& d, const Var& any);
Var draw_mean(Drawing& d, const Var& any);

Var draw_tokens(Drawing& d, const Var& image);  // an image as a list of its pixels
Var draw_image_of_tokens(Drawing& d, const Var& tokens);
Var draw_linear(Drawing& d, const Var& any);
Var draw_softmax(Drawing& d, const Var& any);
Var draw_layer_norm(Drawing& d, const Var& any);
Var draw_attention(Drawing& d, const Var& tokens);
Var draw_product(Drawing& d, const Var& tokens);  // matmul or bmm of two values

}  // namespace softbeam::support
