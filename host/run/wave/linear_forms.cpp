#include "host/run/wave/linear_forms.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "host/run/wave/hostile.h"
#include "host/run/wave/own/probe.h"
#include "host/run/wave/same_words.h"

namespace softbeam::run {
namespace {

using injectors::Stream;

// As a convolution of one pixel.
ConvLayer as_convolution(const Linear& geometry, const at::Tensor& weight, const at::Tensor& bias) {
  ConvLayer layer;
  layer.geometry.in_channels = geometry.in;
  layer.geometry.out_channels = geometry.out;
  layer.weight = weight;
  layer.bias = bias;
  return layer;
}

// A matrix product of the library's: rows of inputs and of what it made of them.
struct Product {
  const float* inputs = nullptr;
  const float* outputs = nullptr;
  std::int64_t rows = 0;
};

SumSample sample_of(const Linear& geometry, const at::Tensor& weight, const at::Tensor& bias,
                    const Product& product, Stream& random) {
  const auto row =
      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(product.rows)));
  const auto out =
      static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(geometry.out)));
  const float* input = product.inputs + row * geometry.in;
  const float* of_weight = weight.const_data_ptr<float>() + out * geometry.in;
  return {.inputs = {input, input + geometry.in},
          .weights = {of_weight, of_weight + geometry.in},
          .bias = bias.defined() ? bias.const_data_ptr<float>()[out] : 0.0F,
          .result = product.outputs[row * geometry.out + out]};
}

// Rows all over the product, few enough to cost little.
bool gives(const OwnLayer& own, const Linear& geometry, const Product& product) {
  constexpr std::int64_t most_macs = 200'000'000;
  constexpr std::int64_t least_rows = 32;
  const std::int64_t affordable = most_macs / (std::int64_t{geometry.in} * geometry.out);
  const std::int64_t count = std::min(product.rows, std::max(least_rows, affordable));
  std::vector<const float*> positions;
  std::vector<const float*> expected;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t row = i * product.rows / count;
    positions.push_back(product.inputs + row * geometry.in);
    expected.push_back(product.outputs + row * geometry.out);
  }
  std::vector<float> found(static_cast<std::size_t>(count * own.output_words()));
  const std::ptrdiff_t tap = 0;
  own.sum(positions, std::span(&tap, 1), found.data());
  for (std::int64_t i = 0; i < count; ++i) {
    const float* row = expected[static_cast<std::size_t>(i)];
    if (!std::equal(row, row + geometry.out, found.data() + i * own.output_words(), same_word)) {
      return false;
    }
  }
  return true;
}

// Zeros whose products with one row of the weight are all negative: a kernel that starts its sum
// from a product gives -0 there, one that starts from zero gives 0.
at::Tensor negative_products(at::IntArrayRef sizes, const Linear& geometry,
                             const at::Tensor& weight, Stream& random) {
  at::Tensor words = at::empty(sizes);
  auto* row = words.mutable_data_ptr<float>();
  for (std::int64_t r = 0; r < words.numel() / geometry.in; ++r, row += geometry.in) {
    const float* of_weight =
        weight.const_data_ptr<float>() +
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(geometry.out))) *
            geometry.in;
    for (std::int32_t i = 0; i < geometry.in; ++i) {
      row[i] = of_weight[i] > 0 ? -0.0F : 0.0F;
    }
  }
  return words;
}

at::Tensor noise(at::IntArrayRef sizes, Stream& random) {
  at::Tensor words = at::empty(sizes);
  fill_noise(words, random);
  return words;
}

std::string prove(const LinearLayer& layer, const GoldenImages& golden, Stream& random,
                  InstructionSet set, std::unique_ptr<const OwnLayer>& own) {
  constexpr std::size_t tried = 100;
  const Linear& g = layer.geometry;
  const at::Tensor weight = layer.weight.contiguous();
  const at::Tensor bias = layer.bias.defined() ? layer.bias.contiguous() : layer.bias;
  // The chunk's own sizes: the library chooses its kernel by them.
  const at::Tensor other_weight = noise(weight.sizes(), random);
  at::Tensor other_bias = bias.defined() ? noise(bias.sizes(), random) : bias;
  for (std::int32_t o = 0; bias.defined() && o < g.out; o += 2) {
    // Others hide the sign of a zero sum.
    other_bias.mutable_data_ptr<float>()[o] = o % 4 == 0 ? 0.0F : -0.0F;
  }
  const at::Tensor inputs = noise(layer.input_sizes, random);
  at::Tensor hostile = inputs.clone();
  at::Tensor rows = hostile.view({-1, g.in});
  plant_hostile(rows, random.next32());
  std::vector<Product> products;
  std::vector<at::Tensor> outputs;
  const at::Tensor zeros = negative_products(layer.input_sizes, g, other_weight, random);
  for (const at::Tensor& input : {inputs, hostile, zeros}) {
    outputs.push_back(at::linear(input, other_weight, other_bias).contiguous());
    products.push_back({input.const_data_ptr<float>(), outputs.back().const_data_ptr<float>(),
                        input.numel() / g.in});
  }
  std::vector<SumSample> samples;
  for (std::size_t i = 0; i < 2 * tried; ++i) {
    samples.push_back(sample_of(g, other_weight, other_bias, products.front(), random));
  }
  const auto golden_of = [&](std::size_t sample) {
    return Product{golden.inputs[sample], golden.outputs[sample], g.rows};
  };
  for (std::size_t i = 0; i < tried; ++i) {
    samples.push_back(sample_of(g, weight, bias, golden_of(random.below(golden.size())), random));
  }
  const SumOrder order = find_order(1, g.in, bias.defined(), samples);
  if (order.block == 0) {
    return "the library's order of additions is none of those known";
  }
  const OwnLayer other(as_convolution(g, other_weight, other_bias), order, set);
  for (const Product& product : products) {
    if (!gives(other, g, product)) {
      return "rows of noise, of hostile values or of zeros differ from the library's";
    }
  }
  auto found = std::make_unique<const OwnLayer>(as_convolution(g, weight, bias), order, set);
  for (std::size_t sample = 0; sample < std::min<std::size_t>(golden.size(), 16); ++sample) {
    if (!gives(*found, g, golden_of(sample))) {
      return "golden differs";
    }
  }
  own = std::move(found);
  return "";
}

}  // namespace

LinearForms::LinearForms(std::size_t steps, std::uint64_t seed) : seed_(seed) {
  for (std::size_t s = 0; s < steps; ++s) {
    nodes_.push_back(std::make_unique<Node>());
  }
}

const OwnLayer* LinearForms::own(std::size_t step, const LinearLayer& layer,
                                 const GoldenImages& golden) {
  Node& node = *nodes_[step];
  const std::scoped_lock lock(node.mutex);
  const auto set = instruction_set();
  if (!node.tried && set) {
    Stream random(seed_, step, injectors::Purpose::probe);
    node.name = layer.name;
    node.failure = layer.geometry.finite ? prove(layer, golden, random, *set, node.own)
                                         : "a weight or bias is not finite";
  }
  node.tried = true;
  return node.own.get();
}

std::vector<SwitchedOff> LinearForms::switched_off() const {
  std::vector<SwitchedOff> all;
  for (const auto& node : nodes_) {
    const std::scoped_lock lock(node->mutex);
    if (!node->failure.empty()) {
      all.push_back({node->name, Form::own, "own kernel", node->failure});
    }
  }
  return all;
}

}  // namespace softbeam::run
